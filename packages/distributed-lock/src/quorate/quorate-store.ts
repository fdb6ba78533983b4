import {
  createRevision,
  type KeyValue,
  type KvClient,
  KvError,
  type KvLease,
  type OperationResult,
  put,
  range,
  remove,
  type TransactionResult,
  type WriteOutcome,
} from "@quorate/kv";
import { type Clock, systemClock } from "@quorate/runtime";
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
import { StoreError } from "../store/store-error.ts";
import { leaseOf, QueueKeys, sessionOf } from "./queue-keys.ts";

export interface QuorateStoreOptions extends BackendOptions {
  /**
   * What all its keys begin with; locks of different prefixes know nothing of each other.
   *
   * @default "locks/"
   */
  readonly prefix?: string;
}

/** What the store needs from outside, beside its client. */
export interface QuorateStoreDependencies {
  /** For timeouts only. @default systemClock */
  readonly clock?: Clock;
}

/** What the store uses of a client of `@quorate/kv`. */
export type QuorateClient = Pick<
  KvClient,
  "grantLease" | "range" | "revokeLease" | "timeToLive" | "transaction" | "watch"
>;

const DESCENDING = { target: "createRevision", order: "descending" } as const;
const ASCENDING = { target: "createRevision", order: "ascending" } as const;

/** Keys in a store of `@quorate/kv`. */
export class QuorateStore implements CoordinationStore, AsyncDisposable {
  readonly guarantees: Guarantees = {
    fencing: true,
    fifo: true,
    quorum: true,
    clockDependent: false,
  };
  readonly #client: QuorateClient;
  readonly #calls: BackendCalls;
  readonly #keys: QueueKeys;
  readonly #leases = new Map<string, KvLease>();

  constructor(
    client: QuorateClient,
    options: QuorateStoreOptions,
    { clock = systemClock }: QuorateStoreDependencies,
  ) {
    this.#client = client;
    this.#calls = new BackendCalls(clock, validatedBackend(options));
    this.#keys = new QueueKeys(options.prefix ?? "locks/");
  }

  /** Leases are of whole seconds. */
  async openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    const options = { ttlSeconds: Math.ceil(ttlMs / 1_000), keepAlive: false, ...call };
    const lease = await this.#calls.run(call, () => this.#client.grantLease(options));
    const id = sessionOf(lease.id);
    this.#leases.set(id, lease);
    return { id, ttlMs: lease.ttlSeconds * 1_000 };
  }

  async keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    const lease = this.#leases.get(sessionId);
    if (!lease) return this.#ended(sessionId, call);
    try {
      const ttlSeconds = await this.#calls.run(call, () => lease.keepAliveOnce(call));
      return { ttlMs: ttlSeconds * 1_000 };
    } catch (error) {
      // For all that this client knows its time is over. Nobody counts on it any more.
      if (lease.lost.aborted || isGone(error)) return this.#ended(sessionId, call);
      throw error;
    }
  }

  async closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    const lease = this.#leases.get(sessionId);
    const outcome = await this.#calls.run(call, () =>
      lease ? lease.revoke(call) : this.#client.revokeLease(leaseOf(sessionId), call),
    );
    if (outcome.kind !== "committed" && outcome.reason !== "lease-not-found") {
      throw unknown(outcome);
    }
    this.#leases.delete(sessionId);
  }

  async join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    const { queue, sessionId, metadata, blockers } = request;
    const key = this.#keys.keyOf(request);
    const joined = await this.#transact(
      {
        compares: [
          createRevision(key, "=", 0),
          createRevision(this.#keys.leftKeyOf(request), "=", 0),
        ],
        success: [
          put(key, metadata, { lease: leaseOf(sessionId) }),
          range(key, { keysOnly: true }),
          // Itself stands last, where it is of the roles that are asked for.
          this.#nearest(queue, blockers, blockers.limit + 1),
        ],
        failure: [range(key, { keysOnly: true })],
      },
      call,
    );
    if (joined === "no-lease") return "refused";
    const found = joined.results.filter(({ kind }) => kind === "range").map(entriesOf);
    const own = found[0]?.[0];
    if (!own) return "refused";
    const standing = { token: BigInt(own.createRevision), ref: this.#keys.refOf(queue, own) };
    if (!joined.succeeded) {
      const { revision } = joined;
      return { ...standing, ahead: await this.#ahead(queue, own, blockers, revision, call) };
    }
    const others = (found[1] ?? []).filter((each) => each.createRevision < own.createRevision);
    const ahead = others.slice(0, blockers.limit).map((each) => this.#keys.refOf(queue, each));
    return { ...standing, ahead };
  }

  async standing(
    place: Place,
    blockers: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    const key = { key: this.#keys.keyOf(place), rangeEnd: "" };
    const found = await this.#calls.run(call, () =>
      this.#client.range(key, { keysOnly: true, ...call }),
    );
    const [own] = found.kvs;
    if (!own) return "gone";
    return { ahead: await this.#ahead(place.queue, own, blockers, found.revision, call) };
  }

  async leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    const key = this.#keys.keyOf(place);
    const compares = token === undefined ? [] : [createRevision(key, "=", Number(token))];
    const mark = put(this.#keys.leftKeyOf(place), "", { lease: leaseOf(place.sessionId) });
    const success = token === undefined ? [remove(key), mark] : [remove(key)];
    await this.#transact({ compares, success, failure: [] }, call);
  }

  async contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    const all = this.#keys.rangeOf(queue, "any");
    const found = await this.#calls.run(call, () =>
      this.#client.range(all, { sort: ASCENDING, limit, ...call }),
    );
    return found.kvs.map((entry) => this.#keys.contenderOf(queue, entry));
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    const { key, revision } = this.#keys.parsedRef(queue, ref);
    const one = { key, rangeEnd: "" };
    await this.#calls.wait(call, {
      listen: (wake) => this.#listen(one, { noPuts: true }, wake),
      look: async () => {
        const { kvs } = await this.#client.range(one, { keysOnly: true, ...call });
        return kvs[0]?.createRevision === revision ? this.#calls.pollMs : "over";
      },
    });
  }

  async whenJoined(queue: string, call?: StoreCall): Promise<void> {
    const all = this.#keys.rangeOf(queue, "any");
    await this.#calls.wait(call, {
      listen: (wake) => this.#listen(all, { noDeletes: true }, wake),
      look: async () => {
        const { count } = await this.#client.range(all, { countOnly: true, ...call });
        return count > 0 ? "over" : this.#calls.pollMs;
      },
    });
  }

  /** Ends all waits. Sessions end by their own time; the client is its owner's. Idempotent. */
  async close(): Promise<void> {
    this.#calls.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Makes sure that a session nobody can renew any more has ended. */
  async #ended(sessionId: string, call: StoreCall | undefined): Promise<"expired"> {
    await this.closeSession(sessionId, call);
    return "expired";
  }

  /** Those that one who joins now would wait for, the nearest first. */
  #nearest(queue: string, { roles }: Blockers, limit: number) {
    return range(this.#keys.rangeOf(queue, roles), { sort: DESCENDING, limit, keysOnly: true });
  }

  /** Those ahead of `own`, as of `revision`. */
  async #ahead(
    queue: string,
    own: KeyValue,
    { roles, limit }: Blockers,
    revision: number,
    call: StoreCall | undefined,
  ): Promise<readonly string[]> {
    if (limit === 0) return [];
    const before = { maxCreateRevision: own.createRevision - 1, revision };
    const options = { sort: DESCENDING, limit, keysOnly: true, ...before, ...call };
    const { kvs } = await this.#calls.run(call, () =>
      this.#client.range(this.#keys.rangeOf(queue, roles), options),
    );
    return kvs.map((entry) => this.#keys.refOf(queue, entry));
  }

  /** Rejects when the outcome is unknown, or was not taken; `no-lease`: surely not done. */
  async #transact(
    transaction: Parameters<KvClient["transaction"]>[0],
    call: StoreCall | undefined,
  ): Promise<TransactionResult | "no-lease"> {
    const outcome = await this.#calls.run(call, () => this.#client.transaction(transaction, call));
    if (outcome.kind === "committed") return outcome.result;
    if (outcome.reason === "lease-not-found") return "no-lease";
    throw unknown(outcome);
  }

  async #listen(
    keys: { readonly key: string | Uint8Array; readonly rangeEnd: string | Uint8Array },
    filter: { readonly noPuts?: true; readonly noDeletes?: true },
    wake: () => void,
  ): Promise<() => void> {
    const watch = this.#client.watch(keys, filter);
    // However it ends, whoever waits looks again.
    watch.next().then(wake, wake);
    await watch.started;
    return () => void watch.return?.();
  }
}

function entriesOf(result: OperationResult): readonly KeyValue[] {
  return result.kind === "range" ? result.kvs : [];
}

function isGone(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : error;
  return cause instanceof KvError && cause.code === "lease-not-found";
}

function unknown(
  outcome: Exclude<WriteOutcome<unknown>, { readonly kind: "committed" }>,
): StoreError {
  return new StoreError("unreachable", `the write is ${outcome.kind}: ${outcome.reason}`);
}
