import { type Clock, systemClock } from "@quorate/runtime";
import type {
  Etcd3,
  ICompare,
  IKeyValue,
  IRangeRequest,
  IRangeResponse,
  IRequestOp,
  ITxnResponse,
} from "etcd3";
import { BackendCalls } from "../store/backend-calls.ts";
import { type BackendOptions, validatedBackend } from "../store/backend-options.ts";
import type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Standing,
  StoreCall,
  StoreSession,
} from "../store/coordination-store.ts";
import type { Guarantees } from "../store/guarantees.ts";
import { endOf, isSharedKey, leaseOf, QueueKeys, sessionOf } from "./queue-keys.ts";
import { WatchStream } from "./watch-stream.ts";

export interface EtcdStoreOptions extends BackendOptions {
  /**
   * What all keys begin with; a client's own namespace is not used. Empty: a lock's keys are where
   * `etcdctl lock` and Go's concurrency package have those of the same name.
   *
   * @default ""
   */
  readonly prefix?: string;
}

/** What the store needs from outside, beside its client. */
export interface EtcdStoreDependencies {
  /** For timeouts only. @default systemClock */
  readonly clock?: Clock;
}

/** What the store uses of a client of npm `etcd3`: its plain calls. */
export type EtcdClient = Pick<Etcd3, "kv" | "leaseClient" | "watchClient">;

/** Keys in an etcd cluster. */
export class EtcdStore implements CoordinationStore, AsyncDisposable {
  readonly guarantees: Guarantees = {
    fencing: true,
    fifo: true,
    quorum: true,
    clockDependent: false,
  };
  readonly #client: EtcdClient;
  readonly #calls: BackendCalls;
  readonly #keys: QueueKeys;
  readonly #watches: WatchStream;

  constructor(
    client: EtcdClient,
    options: EtcdStoreOptions,
    { clock = systemClock }: EtcdStoreDependencies,
  ) {
    this.#client = client;
    this.#calls = new BackendCalls(clock, validatedBackend(options));
    this.#keys = new QueueKeys(options.prefix ?? "");
    this.#watches = new WatchStream(client);
  }

  /** etcd counts in whole seconds, and grants at least one and a half election timeouts. */
  async openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    const request = { TTL: Math.ceil(ttlMs / 1_000) };
    const lease = await this.#calls.run(call, () => this.#client.leaseClient.leaseGrant(request));
    return { id: sessionOf(lease.ID), ttlMs: Number(lease.TTL) * 1_000 };
  }

  async keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    const ttlSeconds = await this.#calls.run(call, () => this.#renew(leaseOf(sessionId)));
    return ttlSeconds > 0 ? { ttlMs: ttlSeconds * 1_000 } : "expired";
  }

  async closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    await this.#calls.run(call, () =>
      this.#client.leaseClient.leaseRevoke({ ID: leaseOf(sessionId) }).catch(unlessLeaseIsGone),
    );
  }

  async join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    const { queue, sessionId, metadata, blockers } = request;
    const key = Buffer.from(this.#keys.keyOf(request));
    const put = { key, value: Buffer.from(metadata), lease: leaseOf(sessionId) };
    // Those ahead come with the same answer: its own key, the last one, and one more than it needs.
    const nearest = { ...this.#nearest(queue, blockers.limit + 2), keys_only: true };
    const joined = await this.#calls.run(call, () =>
      this.#transact(
        [isMissing(key), isMissing(Buffer.from(this.#keys.leftKeyOf(request)))],
        [{ request_put: put }, { request_range: nearest }],
        [{ request_range: { key } }],
      ).catch(unlessLeaseIsGone),
    );
    if (!joined) return "refused";
    const { revision } = joined.header;
    const token = joined.succeeded ? revision : entriesOf(joined, 0)[0]?.create_revision;
    if (token === undefined) return "refused";
    const firstPage = joined.succeeded ? joined.responses[1]!.response_range : undefined;
    const ahead = await this.#ahead(queue, { revision, before: token, firstPage }, blockers, call);
    return { token: BigInt(token), ref: this.#refOf(request, token), ahead };
  }

  async standing(
    place: Place,
    blockers: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    const key = Buffer.from(this.#keys.keyOf(place));
    const found = await this.#range({ key, keys_only: true }, call);
    const [entry] = found.kvs;
    if (!entry) return "gone";
    const page = { revision: found.header.revision, before: entry.create_revision };
    return { ahead: await this.#ahead(place.queue, page, blockers, call) };
  }

  async leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    const key = Buffer.from(this.#keys.keyOf(place));
    const remove = { request_delete_range: { key } };
    if (token !== undefined) {
      const isThat: ICompare = {
        key,
        target: "Create",
        result: "Equal",
        create_revision: String(token),
      };
      await this.#calls.run(call, () => this.#transact([isThat], [remove], []));
      return;
    }
    const left = { key: Buffer.from(this.#keys.leftKeyOf(place)), lease: leaseOf(place.sessionId) };
    await this.#calls.run(call, () =>
      this.#transact([], [remove, { request_put: left }], []).catch(unlessLeaseIsGone),
    );
  }

  async contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    const found: Contender[] = [];
    let revision = "0";
    let min_create_revision = "0";
    for (let isMore = true; isMore && found.length < limit;) {
      const order = { sort_order: "Ascend", sort_target: "Create", limit: limit + 1 } as const;
      const page = { ...this.#rangeOf(queue), ...order, min_create_revision, revision };
      const { kvs, more, header } = await this.#range(page, call);
      for (const entry of kvs) {
        if (found.length === limit || !this.#keys.isIn(queue, entry.key.toString())) continue;
        found.push(this.#keys.contenderOf(queue, entry));
      }
      if (revision === "0") revision = header.revision;
      isMore = more;
      min_create_revision = String(BigInt(kvs.at(-1)?.create_revision ?? 0) + 1n);
    }
    return found;
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    const { key: name, revision } = this.#keys.parsedRef(queue, ref);
    const key = Buffer.from(name);
    await this.#calls.wait(call, {
      listen: (wake) => this.#watches.listen({ key, filters: ["Noput"] }, wake),
      look: async () => {
        const { kvs } = await this.#range({ key, keys_only: true }, call);
        return kvs[0]?.create_revision === revision ? this.#calls.pollMs : "over";
      },
    });
  }

  async whenJoined(queue: string, call?: StoreCall): Promise<void> {
    await this.#calls.wait(call, {
      listen: (wake) =>
        this.#watches.listen({ ...this.#rangeOf(queue), filters: ["Nodelete"] }, (changed) => {
          const isBroken = changed.length === 0;
          if (isBroken || changed.some((key) => this.#keys.isIn(queue, key))) wake();
        }),
      look: async () => {
        const contenders = await this.contenders(queue, 1, call);
        return contenders.length > 0 ? "over" : this.#calls.pollMs;
      },
    });
  }

  /** Ends all waits and the watch stream. Sessions end by their own time. Idempotent. */
  async close(): Promise<void> {
    this.#calls.close();
    await this.#watches.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Those ahead of the one created at revision `before`, as of `revision`. */
  async #ahead(
    queue: string,
    { revision, before, firstPage }: AheadOf,
    { roles, limit }: Blockers,
    call: StoreCall | undefined,
  ): Promise<readonly string[]> {
    const ahead: string[] = [];
    let below = BigInt(before);
    let page = firstPage;
    while (ahead.length < limit) {
      const max_create_revision = String(below - 1n);
      const request = { ...this.#nearest(queue, limit + 1), max_create_revision, revision };
      page ??= await this.#range({ ...request, keys_only: true }, call);
      for (const entry of page.kvs) {
        const key = entry.key.toString();
        const isAsked = roles === "any" || !isSharedKey(key);
        const isAhead = BigInt(entry.create_revision) < BigInt(before);
        if (ahead.length === limit || !isAhead || !isAsked || !this.#keys.isIn(queue, key))
          continue;
        ahead.push(this.#keys.refOf(queue, entry));
      }
      if (!page.more) break;
      below = BigInt(page.kvs.at(-1)!.create_revision);
      page = undefined;
    }
    return ahead;
  }

  /** The last ones that joined, the last first. */
  #nearest(queue: string, limit: number) {
    const order = { sort_order: "Descend", sort_target: "Create", limit } as const;
    return { ...this.#rangeOf(queue), ...order };
  }

  #refOf(place: Place, revision: string): string {
    const name = this.#keys.keyOf(place).slice(this.#keys.prefixOf(place.queue).length);
    return `${name}@${revision}`;
  }

  #rangeOf(queue: string): { readonly key: Buffer; readonly range_end: Buffer } {
    const prefix = this.#keys.prefixOf(queue);
    return { key: Buffer.from(prefix), range_end: endOf(prefix) };
  }

  async #range(request: IRangeRequest, call: StoreCall | undefined) {
    return this.#calls.run(call, () => this.#client.kv.range(request));
  }

  async #transact(compare: ICompare[], success: IRequestOp[], failure: IRequestOp[]) {
    return this.#client.kv.txn({ compare, success, failure });
  }

  /** One renewal on a stream of its own; the seconds that the lease has again, 0 when it is gone. */
  async #renew(leaseId: string): Promise<number> {
    const stream = await this.#client.leaseClient.leaseKeepAlive();
    try {
      return await new Promise<number>((resolve, reject) => {
        stream.on("data", ({ TTL }) => resolve(Number(TTL)));
        stream.on("error", reject);
        stream.on("end", () => reject(new Error("etcd ended the stream before it answered")));
        stream.write({ ID: leaseId });
      });
    } finally {
      stream.end();
    }
  }
}

interface AheadOf {
  readonly revision: string;
  readonly before: string;
  /** Read already: its entries may be of those behind, too. */
  readonly firstPage?: IRangeResponse | undefined;
}

function isMissing(key: Buffer): ICompare {
  return { key, target: "Create", result: "Equal", create_revision: 0 };
}

function entriesOf({ responses }: ITxnResponse, at: number): readonly IKeyValue[] {
  return responses[at]?.response_range?.kvs ?? [];
}

/** Surely not done: etcd refuses what names a lease that it does not have. */
function unlessLeaseIsGone(error: unknown): undefined {
  if (String(error).includes("requested lease not found")) return undefined;
  throw error;
}
