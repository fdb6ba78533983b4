import { setMaxListeners } from "node:events";
import type { ReadConsistency } from "@quorate/replication";
import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { BytesLike } from "../byte-string.ts";
import { encodeCommand } from "../codec/encode-operation.ts";
import { commandErrorCode, KvError } from "../kv-error.ts";
import type { Lease } from "../lease/lease-table.ts";
import type { Command, Delete, Put, Range, Transaction } from "../operation.ts";
import type {
  CommandResult,
  CompactResult,
  DeleteResult,
  DisarmResult,
  DoneResult,
  KeyValue,
  PutResult,
  RangeResult,
  RevokeLeaseResult,
  TransactionResult,
} from "../operation-result.ts";
import type { KeyRange } from "../prefix.ts";
import type { TimeToLive } from "../protocol/protocol.ts";
import { put, remove } from "../transaction-parts.ts";
import { Attempts, type Deadline, GaveUp } from "./attempts.ts";
import {
  type CallOptions,
  checkedMs,
  type KvClientOptions,
  type ValidatedClientOptions,
  validated,
} from "./client-options.ts";
import { ClientSessions } from "./client-sessions.ts";
import { LeaderTracker } from "./leader-tracker.ts";
import type { KvLease } from "./lease/client-lease.ts";
import { ClientLeases, type GrantLeaseOptions, type LeaseCalls } from "./lease/client-leases.ts";
import { ReadTask, refusedRead, unread } from "./read-task.ts";
import { ClientWatches } from "./watch/client-watches.ts";
import type { KvWatch, WatchOptions } from "./watch/kv-watch.ts";
import { WatchLink } from "./watch/watch-link.ts";
import type { WriteOutcome } from "./write-outcome.ts";
import { notTaken, rejected, WriteTask } from "./write-task.ts";

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
 * values in results are views on the answer's memory.
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
  readonly #attempts: Attempts;
  readonly #sessions: ClientSessions;
  readonly #leases: ClientLeases;
  readonly #link: WatchLink;
  readonly #watches: ClientWatches;
  readonly #stopping = new AbortController();
  #inflight = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: ValidatedClientOptions, dependencies: Required<KvClientDependencies>) {
    this.#options = options;
    this.#clock = dependencies.clock;
    // One listener for each call that waits for its next attempt: bounded by maxInflight.
    setMaxListeners(0, this.#stopping.signal);
    const leader = new LeaderTracker(options.nodes);
    this.#attempts = new Attempts(options, dependencies, leader, this.#stopping.signal);
    this.#sessions = new ClientSessions(this.#attempts, () => this.#deadline({}));
    this.#leases = new ClientLeases(this.#leaseCalls());
    this.#link = new WatchLink(options, dependencies, this.#stopping.signal);
    const revision = (): Promise<number> => this.#currentRevision();
    this.#watches = new ClientWatches(this.#link, revision, options);
  }

  put(
    key: BytesLike,
    value: BytesLike,
    { signal, timeoutMs, ...options }: PutOptions = {},
  ): Promise<WriteOutcome<PutResult>> {
    const call = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
    return this.#write(put(key, value, options), call);
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

  async get(key: BytesLike, options: ReadCallOptions = {}): Promise<KeyValue | undefined> {
    const { kvs } = await this.range({ key, rangeEnd: "" }, options);
    return kvs[0];
  }

  async range(keys: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    const { consistency = "linearizable", signal, timeoutMs: _, ...range } = options;
    const command = encodeCommand({ kind: "range", ...keys, ...range });
    const task = new ReadTask(command, consistency);
    const deadline = this.#deadline(options);
    // As `#counted`, without a promise more: most calls are reads.
    if (!this.#enter()) throw this.#overloaded();
    try {
      return rangeOf(await this.#attempts.run(task, deadline), signal);
    } finally {
      this.#leave();
    }
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
    if (this.#inflight === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #currentRevision(): Promise<number> {
    const command = encodeCommand({ kind: "range", key: "\0", countOnly: true });
    const task = new ReadTask(command, "linearizable");
    const read = await this.#attempts.run(task, this.#deadline({}));
    return rangeOf(read, undefined).revision;
  }

  #leaseCalls(): LeaseCalls {
    return {
      attempts: this.#attempts,
      clock: this.#clock,
      timeoutMs: this.#options.timeoutMs,
      deadline: (call) => this.#deadline(call),
      grant: (command, call) => this.#write(command, call),
      revoke: (command, call) => this.#write(command, call),
      counted: (call) => this.#counted(call),
    };
  }

  /** @throws {KvError} `overloaded`. */
  async #counted<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#enter()) throw this.#overloaded();
    try {
      return await call();
    } finally {
      this.#leave();
    }
  }

  async #write<K extends Exclude<Command["kind"], "range">>(
    operation: Command & { readonly kind: K },
    call: CallOptions,
  ): Promise<WriteOutcome<Extract<CommandResult, { readonly kind: K }>>> {
    const deadline = this.#deadline(call);
    const command = encoded(operation);
    if (!(command instanceof Uint8Array)) return command;
    if (!this.#enter()) return rejected("overloaded");
    try {
      const outcome = await this.#inSomeSession(command, deadline);
      if (outcome.kind !== "committed") return outcome;
      return { ...outcome, result: expected(outcome.result, operation.kind) };
    } finally {
      this.#leave();
    }
  }

  async #inSomeSession(command: Uint8Array, deadline: Deadline): Promise<WriteOutcome<DoneResult>> {
    for (;;) {
      const session = this.#sessions.current ?? (await this.#sessions.open(deadline));
      if (session instanceof GaveUp) return notTaken(session);
      const task = new WriteTask(command, session);
      const outcome = await this.#attempts.run(task, deadline).finally(() => task.end());
      if (outcome instanceof GaveUp) return task.givenUp(outcome);
      const anew = outcome.kind === "begin-anew";
      if (anew || reasonOf(outcome) === "session-expired") this.#sessions.expire(session);
      if (!anew) return outcome;
    }
  }

  #deadline({ signal, timeoutMs = this.#options.timeoutMs }: CallOptions): Deadline {
    return { atMs: this.#clock.now() + checkedMs("timeoutMs", timeoutMs), signal };
  }

  #enter(): boolean {
    if (this.#inflight >= this.#options.maxInflight) return false;
    this.#inflight++;
    return true;
  }

  #overloaded(): KvError {
    return new KvError("overloaded", `${this.#options.maxInflight} calls are under way already`);
  }

  #leave(): void {
    if (--this.#inflight > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

/** What a read of a range came to. */
function rangeOf(read: CommandResult | GaveUp, signal: AbortSignal | undefined): RangeResult {
  if (read instanceof GaveUp) throw unread(read, signal);
  if (read.kind === "refused") throw refusedRead(read);
  return expected(read, "range");
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

function reasonOf(outcome: WriteOutcome<unknown>): string | undefined {
  return outcome.kind === "committed" ? undefined : outcome.reason;
}

function expected<K extends CommandResult["kind"]>(
  result: CommandResult,
  kind: K,
): Extract<CommandResult, { readonly kind: K }> {
  if (result.kind === kind) return result as Extract<CommandResult, { readonly kind: K }>;
  throw new KvError("corrupt", `a node answered a ${kind} with what a ${result.kind} gives`);
}
