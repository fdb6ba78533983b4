import type { Channel } from "../core/channel.ts";
import type { Deferral, Deferred } from "../core/deferred.ts";
import type { OperatorContext } from "../core/operator-context.ts";
import { NO_GROUPS } from "../core/state/layer.ts";
import { StreamError } from "../stream-error.ts";
import {
  type AsyncCall,
  type AsyncMapOptions,
  validated,
  type ValidAsyncMapOptions,
} from "./async-map-options.ts";
import { Attempt } from "./attempt.ts";

/** A record or control event that waits for its turn to go on. */
type Entry<In, Out> = RecordEntry<In, Out> | { readonly watermarkMs: number } | "idle" | "end";

interface RecordEntry<In, Out> {
  readonly value: In;
  readonly timestampMs: number;
  attempts: number;
  /** Undefined while it waits for a call, its first or the next. */
  attempt: Attempt<Out> | undefined;
  /** Processing time of the next attempt, after one that failed. */
  retryAtMs: number;
  result: { readonly value: Out } | undefined;
  failure: { readonly error: unknown } | undefined;
}

/** What a checkpoint has: calls are made again after a restore, whether or not they had returned. */
interface OwnState {
  readonly entries: readonly ({ value: unknown; timestampMs: number } | { watermarkMs: number })[];
}

/**
 * Calls that return promises, some at a time. Records wait in a queue with the watermarks between
 * them: in `ordered` mode all go on in their order, in `unordered` mode a record may overtake others
 * but no watermark does. A barrier overtakes all: what waits is in the checkpoint.
 *
 * Source: Flink's `AsyncWaitOperator`.
 */
export class AsyncMapOperator<In, Out> implements Channel<In>, Deferred {
  readonly #context: OperatorContext;
  readonly #next: Channel<Out>;
  readonly #call: AsyncCall<In, Out>;
  readonly #options: ValidAsyncMapOptions<In, Out>;
  #queue: Entry<In, Out>[] = [];
  /** Records that had no call yet, the next one first. */
  readonly #waiting: RecordEntry<In, Out>[] = [];
  /** Calls, and pauses before the next attempt. */
  #inFlight = 0;
  #isStarting = false;
  readonly #deferral: Deferral;
  #hasNews = false;

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    call: AsyncCall<In, Out>,
    options: AsyncMapOptions<In, Out>,
  ) {
    this.#context = context;
    this.#next = next;
    this.#call = call;
    this.#options = validated(options);
    this.#deferral = context.defer(this);
    this.#restore();
    context.processingTime.onTick((nowMs) => this.#tick(nowMs));
  }

  get size(): number {
    return this.#queue.length;
  }

  record(value: In, timestampMs: number): void {
    this.#add(value, timestampMs);
    this.#start();
    // A call that returned at once, with nothing before it, need not wait for the driver.
    if (this.#queue.length === 1) this.flush();
  }

  watermark(ms: number): void {
    this.#control({ watermarkMs: ms });
  }

  idle(): void {
    this.#control("idle");
  }

  end(): void {
    this.#control("end");
  }

  barrier(checkpointId: number): void {
    const entries: OwnState["entries"][number][] = [];
    for (const entry of this.#queue) {
      // Idleness and the end are told again after a restore, by those who told it.
      if (typeof entry === "string") continue;
      if ("watermarkMs" in entry) entries.push(entry);
      else entries.push({ value: entry.value, timestampMs: entry.timestampMs });
    }
    const own: OwnState = { entries };
    const { codec } = this.#context;
    this.#context.keep(checkpointId, { groups: NO_GROUPS, own: [codec.encode(own)] });
    this.#next.barrier(checkpointId);
  }

  flush(): boolean {
    if (!this.#hasNews) return false;
    this.#hasNews = false;
    const before = this.#queue.length;
    if (this.#options.order === "ordered") this.#flushOrdered();
    else this.#flushUnordered();
    return this.#queue.length < before;
  }

  #flushOrdered(): void {
    let at = 0;
    while (at < this.#queue.length && this.#handOn(this.#queue[at] as Entry<In, Out>)) at++;
    if (at === this.#queue.length) this.#queue.length = 0;
    else if (at > 0) this.#queue = this.#queue.slice(at);
  }

  #flushUnordered(): void {
    const kept: Entry<In, Out>[] = [];
    let isBehindControl = false;
    for (const entry of this.#queue) {
      const mustWait = isBehindControl || (!isRecord(entry) && kept.length > 0);
      if (!mustWait && this.#handOn(entry)) continue;
      isBehindControl ||= !isRecord(entry);
      kept.push(entry);
    }
    this.#queue = kept;
  }

  /** False: it has to wait. */
  #handOn(entry: Entry<In, Out>): boolean {
    if (this.#context.flow.blocked > 0) {
      this.#hasNews = true;
      return false;
    }
    if (entry === "idle") this.#next.idle();
    else if (entry === "end") this.#next.end();
    else if ("watermarkMs" in entry) this.#next.watermark(entry.watermarkMs);
    else if (entry.result) this.#next.record(entry.result.value, entry.timestampMs);
    else if (entry.failure) this.#fail(entry, entry.failure.error);
    else return false;
    return true;
  }

  #fail({ value, timestampMs }: RecordEntry<In, Out>, error: unknown): void {
    this.#deferral.failed(error, value, timestampMs);
  }

  #control(entry: Entry<In, Out>): void {
    this.#queue.push(entry);
    if (this.#queue.length > 1) return;
    this.#hasNews = true;
    this.flush();
  }

  #add(value: In, timestampMs: number): RecordEntry<In, Out> {
    const entry: RecordEntry<In, Out> = {
      value,
      timestampMs,
      attempts: 0,
      attempt: undefined,
      retryAtMs: Infinity,
      result: undefined,
      failure: undefined,
    };
    this.#queue.push(entry);
    this.#waiting.push(entry);
    return entry;
  }

  /** Makes calls until as many are in flight as may be. */
  #start(): void {
    // A call that returns at once comes back here.
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#inFlight < this.#options.maxInFlight) {
      const entry = this.#waiting.shift();
      if (!entry) break;
      this.#inFlight++;
      this.#attempt(entry);
    }
    this.#isStarting = false;
    this.#deferral.hold(this.#waiting.length > 0);
  }

  #attempt(entry: RecordEntry<In, Out>): void {
    const { nowMs } = this.#context.processingTime;
    entry.attempts++;
    const attempt = new Attempt<Out>(nowMs + this.#options.timeoutMs);
    entry.attempt = attempt;
    attempt.run(
      () => this.#call(entry.value, attempt),
      (value) => this.#settle(entry, value),
      (error) => this.#failed(entry, error),
    );
  }

  #failed(entry: RecordEntry<In, Out>, error: unknown): void {
    entry.attempt = undefined;
    const { maxRetries, retryDelayMs, onFailure } = this.#options;
    if (entry.attempts <= maxRetries) {
      if (retryDelayMs === 0) this.#attempt(entry);
      else entry.retryAtMs = this.#context.processingTime.nowMs + retryDelayMs;
      return;
    }
    try {
      if (!onFailure) throw error;
      this.#settle(entry, onFailure(entry.value, error));
    } catch (failure) {
      entry.failure = { error: failure };
      this.#done();
    }
  }

  #settle(entry: RecordEntry<In, Out>, value: Out): void {
    entry.attempt = undefined;
    entry.result = { value };
    this.#done();
  }

  #done(): void {
    this.#inFlight--;
    this.#start();
    this.#hasNews = true;
    this.#deferral.wake();
  }

  #tick(nowMs: number): void {
    const { timeoutMs, retryDelayMs } = this.#options;
    if (this.#inFlight === 0 || (timeoutMs === Infinity && retryDelayMs === 0)) return;
    for (const entry of this.#queue.filter(isRecord)) {
      if (entry.retryAtMs <= nowMs) {
        entry.retryAtMs = Infinity;
        this.#attempt(entry);
      } else if (entry.attempt && entry.attempt.deadlineMs <= nowMs) {
        const text = `${this.#context.id}: a call took longer than ${timeoutMs} ms`;
        entry.attempt.giveUp(new StreamError("timeout", text));
      }
    }
  }

  #restore(): void {
    const { restored, codec, subtask, subtasks } = this.#context;
    const states = (restored.at(-1)?.own ?? []).map((own) => codec.decode(own) as OwnState);
    states.forEach(({ entries }, at) => {
      if (at % subtasks !== subtask) return;
      for (const entry of entries) {
        if (!("watermarkMs" in entry)) this.#add(entry.value as In, entry.timestampMs);
        // Those of several subtasks have no common order; later ones follow.
        else if (states.length === subtasks) this.#queue.push(entry);
      }
    });
    this.#start();
  }
}

function isRecord<In, Out>(entry: Entry<In, Out>): entry is RecordEntry<In, Out> {
  return typeof entry !== "string" && "attempts" in entry;
}
