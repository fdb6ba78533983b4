import type { Channel } from "../core/channel.ts";
import type { Deferred } from "../core/deferred.ts";
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
  #failure: { readonly error: unknown } | undefined;
  #hasNews = false;
  #onNews: (() => void)[] = [];

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
    this.#restore();
    context.processingTime.onTick((nowMs) => this.#tick(nowMs));
    context.defer(this);
  }

  get size(): number {
    return this.#queue.length;
  }

  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  record(value: In, timestampMs: number): void {
    const entry = this.#add(value, timestampMs);
    if (this.#waiting.length === 1 && this.#inFlight < this.#options.maxInFlight) this.#start();
    // A call that returned at once, with nothing before it, need not wait for the driver.
    if (entry.result && this.#queue.length === 1) this.flush();
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

  async ready(): Promise<void> {
    if (this.#hasNews) return;
    await new Promise<void>((resolve) => {
      this.#onNews.push(resolve);
    });
  }

  flush(): void {
    this.#hasNews = false;
    if (this.#failure) throw this.#failure.error;
    if (this.#options.order === "ordered") this.#flushOrdered();
    else this.#flushUnordered();
  }

  #flushOrdered(): void {
    let at = 0;
    while (at < this.#queue.length && this.#handOn(this.#queue[at] as Entry<In, Out>)) at++;
    if (at > 0) this.#queue = this.#queue.slice(at);
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
    if (entry === "idle") this.#next.idle();
    else if (entry === "end") this.#next.end();
    else if ("watermarkMs" in entry) this.#next.watermark(entry.watermarkMs);
    else if (entry.result) this.#next.record(entry.result.value, entry.timestampMs);
    else return false;
    return true;
  }

  #control(entry: Entry<In, Out>): void {
    this.#queue.push(entry);
    if (this.#queue.length === 1) this.flush();
  }

  #add(value: In, timestampMs: number): RecordEntry<In, Out> {
    const entry: RecordEntry<In, Out> = {
      value,
      timestampMs,
      attempts: 0,
      attempt: undefined,
      retryAtMs: Infinity,
      result: undefined,
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
      this.#failure ??= { error: failure };
      this.#tell();
    }
  }

  #settle(entry: RecordEntry<In, Out>, value: Out): void {
    entry.attempt = undefined;
    entry.result = { value };
    this.#inFlight--;
    this.#start();
    this.#tell();
  }

  #tell(): void {
    this.#hasNews = true;
    for (const resolve of this.#onNews.splice(0)) resolve();
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
