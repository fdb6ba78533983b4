import { setMaxListeners } from "node:events";
import type { ReadConsistency } from "@quorate/replication";
import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { BytesLike } from "../byte-string.ts";
import { encodeCommand } from "../codec/encode-operation.ts";
import { commandErrorCode } from "../kv-error.ts";
import type { Lease } from "../lease/lease-table.ts";
import type { Command, Delete, Put, Range, Transaction } from "../operation.ts";
import type {
  CompactResult,
  DeleteResult,
  DisarmResult,
  KeyValue,
  PutResult,
  RangeResult,
  RevokeLeaseResult,
  TransactionResult,
} from "../operation-result.ts";
import type { KeyRange } from "../prefix.ts";
import type { TimeToLive } from "../protocol/protocol.ts";
import { put, remove } from "../transaction-parts.ts";
import { Attempts } from "./attempts.ts";
import { CallLimits } from "./call-limits.ts";
import {
  type CallOptions,
  type KvClientOptions,
  type ValidatedClientOptions,
  validated,
} from "./client-options.ts";
import { ClientSessions } from "./client-sessions.ts";
import { LeaderTracker } from "./leader-tracker.ts";
import type { KvLease } from "./lease/client-lease.ts";
import { ClientLeases, type GrantLeaseOptions, type LeaseCalls } from "./lease/client-leases.ts";
import { type Picked, rangeOf, ReadCall } from "./read-call.ts";
import { ReadTask } from "./read-task.ts";
import { ClientWatches } from "./watch/client-watches.ts";
import type { KvWatch, WatchOptions } from "./watch/kv-watch.ts";
import { WatchLink } from "./watch/watch-link.ts";
import type { WriteOutcome } from "./write-outcome.ts";
import { type ResultOf, WriteCall, type WriteDependencies } from "./write-call.ts";
import { rejected } from "./write-task.ts";

/** What a client needs from outside. */
export interface KvClientDependencies {
  /** Started by the caller, and stopped by it after the client. */
  readonly transport: Transport;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Draws how long to wait before another attempt. @default systemRandom */
  readonly random?: Random;
}

export interface ReadCallOptions extends CallOptions {
  /** @default "linearizable" */
  readonly consistency?: ReadConsistency;
}

export type PutOptions = CallOptions & Omit<Put, "kind" | "key" | "value">;
export type DeleteOptions = CallOptions & Pick<Delete, "prevKv">;
export type RangeOptions = ReadCallOptions & Omit<Range, "kind" | "key" | "rangeEnd">;

/**
 * A client of a replicated store. Strings given as keys and values stand for their UTF-8; keys and
 * values in results are views on the answer's memory: whoever keeps one keeps what came with it, up to 1 MiB
 * and one result.
 *
 * Calls of one turn of the event loop that are alike (writes; reads of one consistency; of one time) travel in
 * one message, at most 256 of them, and cost a fraction of what they cost one by one.
 *
 * Writes are retried within a session, so that each is applied at most once, until their deadline;
 * they never reject for what may happen to a cluster: that is in the outcome. Reads are retried
 * freely. Writes that are under way at once may be applied in any order: await one to order it before
 * another.
 */
export interface KvClient extends AsyncDisposable {
  put(key: BytesLike, value: BytesLike, options?: PutOptions): Promise<WriteOutcome<PutResult>>;
  /** Deletes one key, or a range of them. */
  delete(keys: BytesLike | KeyRange, options?: DeleteOptions): Promise<WriteOutcome<DeleteResult>>;
  /** The operations of one branch, at one revision, or none of them; see `Transaction`. */
  transaction(
    transaction: Omit<Transaction, "kind">,
    options?: CallOptions,
  ): Promise<WriteOutcome<TransactionResult>>;
  /**
   * What a key holds; undefined when it is not there.
   *
   * @throws {KvError} as `range`.
   */
  get(key: BytesLike, options?: ReadCallOptions): Promise<KeyValue | undefined>;
  /**
   * The keys of a range and what they hold.
   *
   * @throws {KvError} `unavailable`, `overloaded`, `stopped`, or a code of `CommandErrorCode`.
   * @throws the signal's reason when it aborts first.
   */
  range(keys: KeyRange, options?: RangeOptions): Promise<RangeResult>;
  /**
   * What happens to a key or a range, from the one revision on; see `KvWatch`. All watches of a client
   * share a stream to one node, whichever: it need not lead.
   *
   * @throws {KvError} `invalid-option`, `empty-key`.
   */
  watch(keys: BytesLike | KeyRange, options?: WatchOptions): KvWatch;
  /**
   * Grants a lease, which is renewed by itself until it is lost, revoked, or the client is stopped.
   *
   * @throws {KvError} a reason of `WriteRejection`, or `unknown`: it may have been granted, and runs out.
   * @throws the signal's reason when it aborts first.
   */
  grantLease(options: GrantLeaseOptions): Promise<KvLease>;
  /** Ends a lease, whoever was granted it, and deletes its keys in one revision. */
  revokeLease(id: number, options?: CallOptions): Promise<WriteOutcome<RevokeLeaseResult>>;
  /**
   * What the leader says of a lease, and the keys that go with it; undefined if there is none.
   *
   * @throws as `range`.
   */
  timeToLive(id: number, options?: CallOptions): Promise<TimeToLive | undefined>;
  /**
   * All leases of the store, in the order of their ids.
   *
   * @throws as `range`.
   */
  leases(options?: CallOptions): Promise<readonly Lease[]>;
  /** Forgets what was before a revision; see `Compact`. */
  compact(revision: number, options?: CallOptions): Promise<WriteOutcome<CompactResult>>;
  /** Ends the alarm that refuses writes with `no-space`. */
  disarm(options?: CallOptions): Promise<WriteOutcome<DisarmResult>>;
  /**
   * No more attempts are made: what is under way ends with the attempt that it is at, so within
   * `attemptTimeoutMs`. Watches fail, and leases are lost, as `stopped`. Resolves then. A second call
   * has no effect.
   */
  stop(): Promise<void>;
}

/** @throws {KvError} `invalid-option`. */
export function createKvClient(
  options: KvClientOptions,
  { transport, clock = systemClock, random = systemRandom }: KvClientDependencies,
): KvClient {
  return new RetryingKvClient(validated(options), { transport, clock, random });
}

class RetryingKvClient implements KvClient {
  readonly #options: ValidatedClientOptions;
  readonly #clock: Clock;
  readonly #limits: CallLimits;
  readonly #attempts: Attempts;
  readonly #writing: WriteDependencies;
  readonly #leases: ClientLeases;
  readonly #link: WatchLink;
  readonly #watches: ClientWatches;
  readonly #stopping = new AbortController();

  constructor(options: ValidatedClientOptions, dependencies: Required<KvClientDependencies>) {
    this.#options = options;
    this.#clock = dependencies.clock;
    // One listener for each call that waits for its next attempt: bounded by maxInflight.
    setMaxListeners(0, this.#stopping.signal);
    const leader = new LeaderTracker(options.nodes);
    this.#attempts = new Attempts(options, dependencies, leader, this.#stopping.signal);
    const limits = new CallLimits(options, dependencies.clock);
    this.#limits = limits;
    const sessions = new ClientSessions(this.#attempts, () => limits.deadline({}));
    this.#writing = { attempts: this.#attempts, sessions, limits };
    this.#leases = new ClientLeases(this.#leaseCalls());
    this.#link = new WatchLink(options, dependencies, this.#stopping.signal);
    const revision = (): Promise<number> => this.#currentRevision();
    this.#watches = new ClientWatches(this.#link, revision, options);
  }

  put(
    key: BytesLike,
    value: BytesLike,
    options: PutOptions = {},
  ): Promise<WriteOutcome<PutResult>> {
    const { signal: _, timeoutMs: __, ...operation } = options;
    return this.#write(put(key, value, operation), options);
  }

  delete(
    keys: BytesLike | KeyRange,
    { prevKv = false, ...call }: DeleteOptions = {},
  ): Promise<WriteOutcome<DeleteResult>> {
    return this.#write(remove(keys, { prevKv }), call);
  }

  transaction(
    transaction: Omit<Transaction, "kind">,
    call: CallOptions = {},
  ): Promise<WriteOutcome<TransactionResult>> {
    return this.#write({ kind: "transaction", ...transaction }, call);
  }

  get(key: BytesLike, options: ReadCallOptions = {}): Promise<KeyValue | undefined> {
    return this.#read({ kind: "range", key, rangeEnd: "" }, options, firstOf);
  }

  range(keys: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    const { consistency: _, signal: __, timeoutMs: ___, ...range } = options;
    return this.#read({ kind: "range", ...keys, ...range }, options, whole);
  }

  watch(keys: BytesLike | KeyRange, options: WatchOptions = {}): KvWatch {
    return this.#watches.watch(keys, options);
  }

  async grantLease(options: GrantLeaseOptions): Promise<KvLease> {
    return this.#leases.grant(options);
  }

  revokeLease(lease: number, call: CallOptions = {}): Promise<WriteOutcome<RevokeLeaseResult>> {
    return this.#write({ kind: "revoke-lease", lease }, call);
  }

  async timeToLive(id: number, call: CallOptions = {}): Promise<TimeToLive | undefined> {
    return this.#leases.timeToLive(id, call);
  }

  async leases(call: CallOptions = {}): Promise<readonly Lease[]> {
    return this.#leases.all(call);
  }

  compact(revision: number, call: CallOptions = {}): Promise<WriteOutcome<CompactResult>> {
    return this.#write({ kind: "compact", revision }, call);
  }

  disarm(call: CallOptions = {}): Promise<WriteOutcome<DisarmResult>> {
    return this.#write({ kind: "disarm" }, call);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#leases.stop(), this.#link.idle]);
    await this.#limits.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #read<T>(range: Range, options: ReadCallOptions, pick: Picked<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const task = new ReadTask(encodeCommand(range), options.consistency ?? "linearizable");
      const deadline = this.#limits.deadline(options);
      if (!this.#limits.enter()) throw this.#limits.overloaded();
      const call = new ReadCall(this.#limits, options.signal, pick, resolve, reject);
      this.#attempts.begin(task, deadline, call);
    });
  }

  async #currentRevision(): Promise<number> {
    const command = encodeCommand({ kind: "range", key: "\0", countOnly: true });
    const task = new ReadTask(command, "linearizable");
    const read = await this.#attempts.run(task, this.#limits.deadline({}));
    return rangeOf(read, undefined).revision;
  }

  #leaseCalls(): LeaseCalls {
    return {
      attempts: this.#attempts,
      clock: this.#clock,
      timeoutMs: this.#options.timeoutMs,
      deadline: (call) => this.#limits.deadline(call),
      grant: (command, call) => this.#write(command, call),
      revoke: (command, call) => this.#write(command, call),
      counted: (call) => this.#limits.counted(call),
    };
  }

  #write<K extends Exclude<Command["kind"], "range">>(
    operation: Command & { readonly kind: K },
    options: CallOptions,
  ): Promise<WriteOutcome<ResultOf<K>>> {
    return new Promise((resolve, reject) => {
      const deadline = this.#limits.deadline(options);
      const command = encoded(operation);
      if (!(command instanceof Uint8Array)) return resolve(command);
      if (!this.#limits.enter()) return resolve(rejected("overloaded"));
      const { kind } = operation;
      new WriteCall<K>(this.#writing, { kind, command }, deadline, resolve, reject).begin();
    });
  }
}

function whole(result: RangeResult): RangeResult {
  return result;
}

function firstOf({ kvs }: RangeResult): KeyValue | undefined {
  return kvs[0];
}

function encoded(operation: Command): Uint8Array | ReturnType<typeof rejected> {
  try {
    return encodeCommand(operation);
  } catch (error) {
    const code = commandErrorCode(error);
    if (code === undefined) throw error;
    return rejected(code);
  }
}
