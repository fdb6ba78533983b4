import type { IKeyValue } from "etcd3";
import type { Contender, Place } from "../store/coordination-store.ts";

const SHARED = "~shared";

/**
 * How contenders are laid out: `<queue>/<lease in hex>` as etcdctl and Go's concurrency package do, with
 * `.<number>` for others of one session, and `~shared` for readers. Ordered by create revision, which
 * is the token. Keys further below (`<queue>/…/…`) are of other queues.
 */
export class QueueKeys {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  keyOf({ queue, id, role }: Place): string {
    return `${this.#root}${queue}/${id}${role === "shared" ? SHARED : ""}`;
  }

  /** Marks a place that was left for good; goes with the session's lease. */
  leftKeyOf({ queue, sessionId, id }: Place): string {
    return `${this.#root}quorate-left/${sessionId}/${id}/${queue}`;
  }

  prefixOf(queue: string): string {
    return `${this.#root}${queue}/`;
  }

  isIn(queue: string, key: string): boolean {
    const prefix = this.prefixOf(queue);
    return key.startsWith(prefix) && !key.includes("/", prefix.length);
  }

  refOf(queue: string, { key, create_revision }: IKeyValue): string {
    return `${key.toString().slice(this.prefixOf(queue).length)}@${create_revision}`;
  }

  parsedRef(queue: string, ref: string): { readonly key: string; readonly revision: string } {
    const at = ref.lastIndexOf("@");
    return { key: `${this.prefixOf(queue)}${ref.slice(0, at)}`, revision: ref.slice(at + 1) };
  }

  contenderOf(queue: string, entry: IKeyValue): Contender {
    const name = entry.key.toString().slice(this.prefixOf(queue).length);
    const isShared = name.endsWith(SHARED);
    return {
      queue,
      sessionId: sessionOf(entry.lease),
      id: isShared ? name.slice(0, -SHARED.length) : name,
      role: isShared ? "shared" : "exclusive",
      token: BigInt(entry.create_revision),
      ref: this.refOf(queue, entry),
      metadata: entry.value.toString(),
    };
  }
}

export function isSharedKey(key: string): boolean {
  return key.endsWith(SHARED);
}

export function sessionOf(leaseId: string): string {
  return BigInt(leaseId).toString(16);
}

export function leaseOf(sessionId: string): string {
  return BigInt(`0x${sessionId}`).toString();
}

/** Behind the last key that begins so. No prefix here ends in a byte 0xff: it is UTF-8. */
export function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return end;
}
