import { awaitDeferred } from "./async/await-deferred.ts";
import type { Batch, Sink, SinkWriter } from "./connector.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { SourceInput } from "./core/source-input.ts";
import type { Graph } from "./graph.ts";
import { Job } from "./job.ts";
import type { Pipeline } from "./pipeline.ts";
import { v8Codec } from "./v8-codec.ts";

export interface TestRunOptions {
  /** @default 128 */
  readonly keyGroups?: number;
  /** Virtual milliseconds that pass with each batch. @default 0 */
  readonly batchMs?: number;
  /** Batches between two checkpoints. @default Infinity (one at the end) */
  readonly checkpointEvery?: number;
  /** Crashes, in this order. @default none */
  readonly crashes?: readonly Crash[];
}

/** Where a run loses all but the last checkpoint that was kept, and what sinks keep themselves. */
export interface Crash {
  /** How many batches after the last (re)start. */
  readonly afterBatches: number;
  /** `before-commit`: in the checkpoint after that batch, between its two phases. */
  readonly at: "batch" | "before-commit";
}

/**
 * Runs a pipeline to its end on virtual time, as often as `crashes` says from its last checkpoint;
 * sources take turns, a batch each. Resolves when all that sinks were given is committed.
 */
export async function runForTest(pipeline: Pipeline, options: TestRunOptions = {}): Promise<void> {
  let checkpoint: TestCheckpoint | undefined;
  let nowMs = 0;
  for (const crash of [...(options.crashes ?? []), undefined]) {
    const attempt = new Attempt(pipeline.graph, options, checkpoint, nowMs);
    const isDone = await attempt.run(crash);
    ({ checkpoint, nowMs } = attempt);
    if (isDone) return;
  }
}

interface Reading {
  readonly id: string;
  readonly input: SourceInput<unknown>;
  readonly batches: Iterator<Batch<unknown>> | AsyncIterator<Batch<unknown>>;
}

/** What a crash leaves: sources go on taking turns as if it had not been. */
interface TestCheckpoint extends Checkpoint {
  /** Sources that had not ended, the next one first. */
  readonly turns: readonly string[];
}

/** From a start or restart to the end or a crash. */
class Attempt {
  checkpoint: TestCheckpoint | undefined;
  nowMs: number;
  readonly #options: TestRunOptions;
  readonly #job: Job;
  readonly #graph: Graph;
  readonly #sinks = new Map<string, Sink<unknown>>();
  readonly #writers = new Map<string, SinkWriter<unknown>>();
  #readings: Reading[] = [];

  constructor(
    graph: Graph,
    options: TestRunOptions,
    checkpoint: TestCheckpoint | undefined,
    nowMs: number,
  ) {
    this.checkpoint = checkpoint;
    this.nowMs = nowMs;
    this.#options = options;
    this.#graph = graph;
    this.#job = new Job(graph, {
      codec: v8Codec,
      keyGroups: options.keyGroups ?? 128,
      nowMs,
      restored: checkpoint?.layers ?? [],
    });
    for (const node of graph) {
      if (node.role === "sink") this.#sinks.set(node.id, node.sink);
    }
  }

  /** Whether it came to the end. */
  async run(crash: Crash | undefined): Promise<boolean> {
    await this.#recover();
    this.#readings = await this.#startReading();
    const { checkpointEvery = Infinity, batchMs = 0 } = this.#options;
    for (let batches = 1; await this.#nextBatch(); batches++) {
      this.nowMs += batchMs;
      this.#job.tick(this.nowMs);
      await this.#awaitDeferred("room");
      await this.#drain();
      const isCrash = batches === crash?.afterBatches;
      if (isCrash && crash.at === "batch") return false;
      if (!isCrash && batches % checkpointEvery !== 0) continue;
      await this.#prepare();
      if (isCrash) return false;
      await this.#commit();
    }
    await this.#awaitDeferred("none");
    await this.#drain();
    await this.#prepare();
    await this.#commit();
    return true;
  }

  /** What the checkpoint promised is made true, all that came after it is undone. */
  async #recover(): Promise<void> {
    for (const [id, sink] of this.#sinks) {
      await sink.recover({ id }, this.checkpoint?.transactions.get(id) ?? []);
      this.#writers.set(id, await sink.open({ id, subtask: 0, subtasks: 1 }));
    }
  }

  async #startReading(): Promise<Reading[]> {
    const readings = new Map<string, Reading>();
    for (const node of this.#graph) {
      if (node.role !== "source") continue;
      const { id } = node;
      const input = this.#job.sources.get(id) as SourceInput<unknown>;
      if (this.checkpoint && !this.checkpoint.turns.includes(id)) {
        input.end();
        continue;
      }
      const { positions } = input;
      const { signal } = new AbortController();
      const read = await node.source.open({ id, subtask: 0, subtasks: 1, positions, signal });
      const batches =
        Symbol.iterator in read ? read[Symbol.iterator]() : read[Symbol.asyncIterator]();
      readings.set(id, { id, input, batches });
    }
    return (this.checkpoint?.turns ?? [...readings.keys()]).flatMap((id) => readings.get(id) ?? []);
  }

  /** Pushes the next batch of the source whose turn it is; false when all sources have ended. */
  async #nextBatch(): Promise<boolean> {
    for (let reading = this.#readings.shift(); reading; reading = this.#readings.shift()) {
      const { done, value } = await reading.batches.next();
      if (!done) {
        reading.input.push(value);
        this.#readings.push(reading);
        return true;
      }
      reading.input.end();
    }
    return false;
  }

  /** Virtual time goes on while calls are awaited, `batchMs` a turn of the event loop. */
  async #awaitDeferred(until: "room" | "none"): Promise<void> {
    const { batchMs = 0 } = this.#options;
    await awaitDeferred(this.#job.deferred, until, async (ready) => {
      if (batchMs === 0) return ready;
      const turn = new Promise((resolve) => {
        setImmediate(resolve, "turn");
      });
      if ((await Promise.race([ready, turn])) !== "turn") return;
      this.nowMs += batchMs;
      this.#job.tick(this.nowMs);
    });
  }

  async #drain(): Promise<void> {
    for (const [id, writer] of this.#writers) {
      const records = this.#job.sinks.get(id)?.drain() ?? [];
      if (records.length > 0) await writer.write(records);
    }
  }

  async #prepare(): Promise<void> {
    const id = (this.checkpoint?.id ?? 0) + 1;
    const layer = this.#job.checkpoint(id);
    const transactions = new Map<string, readonly unknown[]>();
    for (const [sinkId, writer] of this.#writers) {
      const transaction = await writer.prepare(id);
      if (transaction !== undefined) transactions.set(sinkId, [transaction]);
    }
    const layers = [...(this.checkpoint?.layers ?? []), layer];
    this.checkpoint = { id, layers, transactions, turns: this.#readings.map((one) => one.id) };
  }

  async #commit(): Promise<void> {
    for (const [id, transactions] of this.checkpoint?.transactions ?? []) {
      for (const transaction of transactions) await this.#writers.get(id)?.commit(transaction);
    }
  }
}
