import { type KeyRange, type KeyValue, utf8, withPrefix } from "@quorate/kv";
import type { Contender, Place, Role } from "../store/coordination-store.ts";

const ROLE_PARTS: Readonly<Record<Role, string>> = { exclusive: "x/", shared: "s/" };

/**
 * How contenders are laid out: `<prefix><queue>/x/<id>`, readers under `s`, the queue's name escaped so
 * that no name is the beginning of another's keys. The value is the metadata, the create revision the
 * token, the session's lease in the id.
 */
export class QueueKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  keyOf({ queue, id, role }: Place): string {
    return `${this.#rootOf(queue)}${ROLE_PARTS[role]}${id}`;
  }

  /** Marks a place that was left for good. */
  leftKeyOf({ queue, id, role }: Place): string {
    return `${this.#prefix}left/${encodeURIComponent(queue)}/${ROLE_PARTS[role]}${id}`;
  }

  /** All contenders of a queue, or those of the exclusive role. */
  rangeOf(queue: string, roles: "any" | "exclusive"): KeyRange {
    return withPrefix(this.#rootOf(queue) + (roles === "any" ? "" : ROLE_PARTS.exclusive));
  }

  refOf(queue: string, { key, createRevision }: KeyValue): string {
    return `${utf8(key).slice(this.#rootOf(queue).length)}@${createRevision}`;
  }

  parsedRef(queue: string, ref: string): { readonly key: string; readonly revision: number } {
    const at = ref.lastIndexOf("@");
    return { key: this.#rootOf(queue) + ref.slice(0, at), revision: Number(ref.slice(at + 1)) };
  }

  contenderOf(queue: string, entry: KeyValue): Contender {
    const place = utf8(entry.key).slice(this.#rootOf(queue).length);
    return {
      queue,
      sessionId: sessionOf(entry.lease),
      id: place.slice(ROLE_PARTS.exclusive.length),
      role: place.startsWith(ROLE_PARTS.shared) ? "shared" : "exclusive",
      token: BigInt(entry.createRevision),
      ref: this.refOf(queue, entry),
      metadata: utf8(entry.value),
    };
  }

  #rootOf(queue: string): string {
    return `${this.#prefix}queues/${encodeURIComponent(queue)}/`;
  }
}

export function sessionOf(lease: number): string {
  return lease.toString(16);
}

export function leaseOf(sessionId: string): number {
  return Number.parseInt(sessionId, 16);
}
