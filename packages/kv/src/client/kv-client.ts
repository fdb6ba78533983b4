import { setMaxListeners } from "node:events";
import type { ReadConsistency } from "@quorate/replication";
import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { BytesLike } from "../byte-string.ts";
import { encodeCommand } from "../codec/encode-operation.ts";
import { commandErrorCode, KvError } from "../kv-error.ts";
import type { Delete, Operation, Put, Range, Transaction } from "../operation.ts";
import type {
  CommandResult,
  DeleteResult,
  KeyValue,
  DoneResult,
  PutResult,
  RangeResult,
  TransactionResult,
} from "../operation-result.ts";
import type { KeyRange } from "../prefix.ts";
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
import { ReadTask, refusedRead, unread } from "./read-task.ts";
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

export type PutOptions = CallOptions & Pick<Put, "prevKv">;
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
   * No more attempts are made: what is under way ends with the attempt that it is at, so within
   * `attemptTimeoutMs`. Resolves then. A second call has no effect.
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
  }

  put(
    key: BytesLike,
    value: BytesLike,
    { prevKv = false, ...call }: PutOptions = {},
  ): Promise<WriteOutcome<PutResult>> {
    return this.#write(put(key, value, { prevKv }), call);
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
    if (!this.#enter()) {
      throw new KvError("overloaded", `${this.#options.maxInflight} calls are under way already`);
    }
    try {
      const result = await this.#attempts.run(task, deadline);
      if (result instanceof GaveUp) throw unread(result, signal);
      if (result.kind === "refused") throw refusedRead(result);
      return expected(result, "range");
    } finally {
      this.#leave();
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#inflight === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #write<K extends "put" | "delete" | "transaction">(
    operation: Operation & { readonly kind: K },
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

  #leave(): void {
    if (--this.#inflight > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function encoded(operation: Operation): Uint8Array | ReturnType<typeof rejected> {
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
