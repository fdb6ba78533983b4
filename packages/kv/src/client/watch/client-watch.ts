import type { WatchEvent } from "../../watch/watch-event.ts";
import type { WatchRequest } from "../../watch/watch-request.ts";
import type { KvWatch, WatchBatch } from "./kv-watch.ts";

interface Waiting {
  readonly resolve: (result: IteratorResult<WatchBatch>) => void;
  readonly reject: (reason: unknown) => void;
}

/** Whoever gets a watch told. */
export interface WatchSource {
  /** Tell it, from `request` on. */
  attach(watch: ClientWatch): void;
  /** Tell it no more. */
  detach(watch: ClientWatch): void;
}

export interface ClientWatchOptions {
  readonly tellsProgress: boolean;
  readonly timeoutMs: number;
  /** Bytes of events that wait for the reader; what comes beyond is told again later. */
  readonly maxWaitingBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** One watch, whoever tells it: up to where it was told, and what its reader has not taken yet. */
export class ClientWatch implements KvWatch {
  readonly started: Promise<number>;
  /** Milliseconds without a node that can tell it, after which it fails. */
  readonly timeoutMs: number;
  /** As the source knows it, where it is attached. */
  watchId = 0;
  /** When it was attached, by the source's clock. */
  attachedAtMs = 0;
  readonly #request: Required<WatchRequest>;
  readonly #tellsProgress: boolean;
  readonly #maxWaitingBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #source: WatchSource;
  /** Everything before it was told; 0 until it is known where to begin. */
  #next = 0;
  /** So many events of `#next` were told, too: those that come first when it is told again. */
  #toldOfNext = 0;
  #skip = 0;
  #batches: { readonly batch: WatchBatch; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  #waiting: Waiting[] = [];
  #isAttached = false;
  #end: { readonly error: unknown } | "ended" | undefined;

  /** Begins once `starting` says at which revision. */
  constructor(
    request: Required<WatchRequest>,
    { tellsProgress, timeoutMs, maxWaitingBytes, signal }: ClientWatchOptions,
    source: WatchSource,
    starting: Promise<number>,
  ) {
    this.#request = request;
    this.#tellsProgress = tellsProgress;
    this.timeoutMs = timeoutMs;
    this.#maxWaitingBytes = maxWaitingBytes;
    this.#signal = signal;
    this.#source = source;
    signal?.addEventListener("abort", this.#abort, { once: true });
    this.started = starting.then((revision) => {
      this.#next = revision;
      this.#attach();
      return revision;
    });
    this.started.catch((error: unknown) => this.fail(error));
    if (signal?.aborted) this.#abort();
  }

  /** What to ask of a node, so that it goes on where it is. */
  get request(): Required<WatchRequest> {
    return { ...this.#request, startRevision: this.#next };
  }

  /** A node is about to tell it `request`, from its beginning. */
  toldAnew(): void {
    this.#skip = this.#toldOfNext;
  }

  /** Returns false when there was no room: then it tells nothing of this, and is detached. */
  tell(events: readonly WatchEvent[], isFragment: boolean, bytes: number): boolean {
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#maxWaitingBytes) {
      this.#isAttached = false;
      return false;
    }
    const fresh = this.#withoutTold(events);
    const last = events.at(-1)!.kv.modRevision;
    if (isFragment) {
      const before = last === this.#next ? this.#toldOfNext : 0;
      const ofLast = fresh.filter(({ kv }) => kv.modRevision === last).length;
      this.#next = last;
      this.#toldOfNext = before + ofLast;
    } else {
      this.#next = last + 1;
      this.#toldOfNext = 0;
    }
    if (fresh.length > 0 || !isFragment) {
      this.#give({ revision: last, events: fresh, isFragment }, bytes);
    }
    return true;
  }

  /** It was told everything up to a revision. */
  progress(revision: number): void {
    if (revision + 1 < this.#next || this.#toldOfNext > 0) return;
    this.#next = revision + 1;
    if (!this.#tellsProgress) return;
    // Of marks that nobody took the last one says it all.
    if (this.#batches.at(-1)?.batch.events.length === 0) this.#batches.pop();
    this.#give({ revision, events: [], isFragment: false }, 0);
  }

  /** It is over; what waits for the reader is still given. */
  fail(error: unknown): void {
    if (this.#end) return;
    this.#end = { error };
    this.#over();
    const [first] = this.#waiting.splice(0, 1);
    if (!first) return;
    this.#end = "ended";
    first.reject(error);
    this.#settleAll();
  }

  next(): Promise<IteratorResult<WatchBatch>> {
    const first = this.#batches.shift();
    if (first) {
      this.#waitingBytes -= first.bytes;
      if (this.#batches.length === 0) this.#attach();
      return Promise.resolve({ done: false, value: first.batch });
    }
    const end = this.#end;
    if (end === undefined) {
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    this.#end = "ended";
    return end === "ended"
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(end.error);
  }

  return(): Promise<IteratorResult<WatchBatch>> {
    this.#batches = [];
    if (this.#end === undefined) {
      this.#end = "ended";
      this.#over();
    }
    this.#end = "ended";
    this.#settleAll();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #abort = (): void => {
    this.#batches = [];
    this.fail(this.#signal?.reason);
  };

  // Only of a revision that a node was lost in the midst of.
  #withoutTold(events: readonly WatchEvent[]): readonly WatchEvent[] {
    if (this.#skip === 0) return events;
    let told = 0;
    while (told < this.#skip && events[told]?.kv.modRevision === this.#next) told++;
    this.#skip -= told;
    return events.slice(told);
  }

  #give(batch: WatchBatch, bytes: number): void {
    const reader = this.#waiting.shift();
    if (reader) return reader.resolve({ done: false, value: batch });
    this.#batches.push({ batch, bytes });
    this.#waitingBytes += bytes;
  }

  #attach(): void {
    if (this.#isAttached || this.#end || this.#next === 0) return;
    this.#isAttached = true;
    this.#source.attach(this);
  }

  #over(): void {
    if (this.#isAttached) this.#source.detach(this);
    this.#isAttached = false;
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  #settleAll(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }
}
