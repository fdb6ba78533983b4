import type { ReplicatedLog } from "@quorate/replication";
import type { Clock } from "@quorate/runtime";
import type { TransportStream } from "@quorate/transport";
import { commandErrorCode, KvError } from "../kv-error.ts";
import type { KvStateMachine } from "../kv-state-machine.ts";
import { addFrame, readFrames } from "../protocol/frames.ts";
import { decodeCall, encodeNews } from "../protocol/watch-codec.ts";
import type { WatchCall, WatchNews } from "../protocol/watch-protocol.ts";
import { NewsCollector } from "./news-collector.ts";
import type { WatchHub } from "./watch-hub.ts";
import type { WatchStream } from "./watch-stream.ts";

/** Answers to calls that wait to leave; beyond it no more calls are read. */
const MAX_WAITING_ANSWERS = 1_024;
/** What one telling took is rested for so many times as long: who watches much slows writes little. */
const REST_FACTOR = 9;
/** But not for longer, in milliseconds: it is what a watch may come later under load. */
const MAX_REST_MS = 10;

export interface WatchConnectionOptions {
  readonly clock: Clock;
  /** As of a `WatchStream`. */
  readonly maxMessageBytes: number;
}

/** The node's side of one client's stream of watches. */
export class WatchConnection {
  readonly #stream: TransportStream;
  readonly #log: ReplicatedLog<KvStateMachine>;
  readonly #clock: Clock;
  readonly #watches: WatchStream;
  readonly #collector: NewsCollector;
  #answers: Uint8Array[] = [];
  #isOver = false;
  #wake: () => void = () => {};
  #drained: () => void = () => {};

  constructor(
    stream: TransportStream,
    log: ReplicatedLog<KvStateMachine>,
    hub: WatchHub,
    { clock, maxMessageBytes }: WatchConnectionOptions,
  ) {
    this.#stream = stream;
    this.#log = log;
    this.#clock = clock;
    this.#watches = hub.openStream({ maxMessageBytes, onReadable: () => this.#wake() });
    this.#collector = new NewsCollector(this.#watches);
  }

  /** Resolves when it is over. */
  async run(): Promise<void> {
    const telling = this.#tell().catch(() => this.end("it could not be told"));
    try {
      for await (const frame of readFrames(this.#stream)) {
        this.#take(decodeCall(frame));
        if (this.#answers.length >= MAX_WAITING_ANSWERS) await this.#room();
      }
      this.end("the client has ended it");
    } catch (error) {
      this.end(error instanceof KvError ? error.message : "the stream was lost");
    }
    await telling;
  }

  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watches.close();
    this.#stream.reset(reason);
    this.#wake();
    this.#drained();
  }

  #take(call: WatchCall): void {
    if (call.kind === "cancel") return this.#collector.cancel(call.watchId);
    if (call.kind === "progress") return this.#confirm(call.timeoutMs);
    const { watchId, request } = call;
    try {
      this.#collector.watch(watchId, request);
    } catch (error) {
      const isOverloaded = error instanceof KvError && error.code === "overloaded";
      const code = isOverloaded ? "overloaded" : commandErrorCode(error);
      if (code === undefined) throw error;
      this.#answer({ kind: "refused", watchId, code });
    }
  }

  // A node that is cut off has nothing to tell, and does not know it: its clients must go elsewhere.
  #confirm(timeoutMs: number): void {
    this.#log
      .read(() => undefined, { timeoutMs })
      .then(
        () => {
          this.#watches.requestProgress();
          this.#answer({ kind: "alive" });
        },
        () => this.end("this node is not up to date"),
      );
  }

  #answer(news: WatchNews): void {
    addFrame(this.#answers, encodeNews(news));
    this.#wake();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#isOver) resolve();
    });
  }

  async #tell(): Promise<void> {
    for (;;) {
      // Set before anything is taken, so that what comes meanwhile is not slept through.
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      const startedAtMs = this.#clock.now();
      const chunk = this.#answers;
      this.#answers = [];
      const isMore = this.#collector.collect(chunk);
      const spentMs = this.#clock.now() - startedAtMs;
      if (chunk.length > 0) await this.#stream.write(Buffer.concat(chunk));
      this.#drained();
      if (this.#isOver) return;
      if (isMore) await this.#sleep(0);
      else {
        const restMs = Math.min(MAX_REST_MS, REST_FACTOR * spentMs);
        if (restMs >= 1) await this.#sleep(restMs);
        await woken;
      }
      if (this.#isOver) return;
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(ms, resolve));
  }
}
