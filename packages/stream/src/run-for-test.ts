import { seededRandom, shuffled } from "@quorate/runtime";
import type { Checkpoint } from "./checkpoint/checkpoint.ts";
import { layerOfSubtasks } from "./checkpoint/merge-layers.ts";
import type { ErrorPolicy } from "./core/record-place.ts";
import type { Graph } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import { type CheckpointPart, Subtask, transactionsOf } from "./run/subtask.ts";
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
  /** Subtasks; a list: of each (re)start, the last one of all that follow. @default 1 */
  readonly parallelism?: number | readonly number[];
  /** Decides which subtask goes on next, if there are several. @default 1 */
  readonly seed?: number;
  /** @default "fail" */
  readonly onError?: ErrorPolicy;
  /** Records after which a sink is written before more is made. @default 8192 */
  readonly sinkRecords?: number;
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
  const { crashes = [], parallelism = 1 } = options;
  const counts = typeof parallelism === "number" ? [parallelism] : parallelism;
  let checkpoint: TestCheckpoint | undefined;
  let nowMs = 0;
  for (const [run, crash] of [...crashes, undefined].entries()) {
    const subtasks = counts[Math.min(run, counts.length - 1)] as number;
    const attempt = new Attempt(pipeline.graph, options, subtasks, checkpoint, nowMs);
    const isDone = await attempt.run(crash);
    await attempt.close();
    ({ checkpoint, nowMs } = attempt);
    if (isDone) return;
  }
}

/** What a crash leaves: a source of one subtask goes on taking turns as if it had not been. */
interface TestCheckpoint extends Checkpoint {
  readonly turns: readonly (readonly string[])[];
}

/** Small, so that tests come to the places where batches end and credits are used up. */
const TEST_BATCH_RECORDS = 3;
const TEST_CREDITS = 2;

/** From a start or restart to the end or a crash. */
class Attempt {
  checkpoint: TestCheckpoint | undefined;
  nowMs: number;
  readonly #graph: Graph;
  readonly #options: TestRunOptions;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #subtasks: readonly Subtask[];
  #wake: () => void = () => {};

  constructor(
    graph: Graph,
    options: TestRunOptions,
    subtasks: number,
    checkpoint: TestCheckpoint | undefined,
    nowMs: number,
  ) {
    this.checkpoint = checkpoint;
    this.nowMs = nowMs;
    this.#graph = graph;
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    this.#subtasks = Array.from({ length: subtasks }, (_, at) => this.#subtask(at, subtasks));
  }

  /** Whether it came to the end. */
  async run(crash: Crash | undefined): Promise<boolean> {
    await this.#recover();
    const { checkpointEvery = Infinity } = this.#options;
    for (let batches = 1; await this.#nextBatch(); batches++) {
      this.#tick();
      await this.#settle();
      const isCrash = batches === crash?.afterBatches;
      if (isCrash && crash.at === "batch") return false;
      if (!isCrash && batches % checkpointEvery !== 0) continue;
      await this.#prepare();
      if (isCrash) return false;
      await this.#commit();
    }
    await this.#prepare();
    await this.#commit();
    return true;
  }

  async close(): Promise<void> {
    for (const subtask of this.#subtasks) await subtask.close();
  }

  #subtask(subtask: number, subtasks: number): Subtask {
    const { keyGroups = 128, onError = "fail", sinkRecords } = this.#options;
    return new Subtask(this.#graph, {
      codec: v8Codec,
      keyGroups,
      nowMs: this.nowMs,
      restored: this.checkpoint?.layers ?? [],
      subtask,
      subtasks,
      isObserved: true,
      onError,
      ...(sinkRecords !== undefined && { sinkRecords }),
      onReady: () => this.#wake(),
      exchange: {
        batchRecords: TEST_BATCH_RECORDS,
        credits: TEST_CREDITS,
        send: (edge, target, batch) =>
          this.#subtasks[target]?.job.gates[edge]?.receive(subtask, batch),
        onHandedOn: (edge, writer) => this.#subtasks[writer]?.job.outputs[edge]?.credit(subtask, 1),
      },
    });
  }

  /** What the checkpoint promised is made true, all that came after it is undone. */
  async #recover(): Promise<void> {
    for (const node of this.#graph) {
      if (node.role !== "sink") continue;
      const transactions = this.checkpoint?.transactions.get(node.id) ?? [];
      await node.sink.recover({ id: node.id }, transactions);
    }
    const turns = this.checkpoint?.turns;
    const isSame = turns?.length === this.#subtasks.length;
    for (const [at, subtask] of this.#subtasks.entries()) {
      await subtask.open(isSame ? turns?.[at] : undefined);
    }
  }

  /** Some subtask pushes the next batch of the source whose turn it is; false when all have ended. */
  async #nextBatch(): Promise<boolean> {
    for (;;) {
      for (const subtask of this.#inSomeOrder()) {
        await subtask.drain();
        subtask.job.goOn();
        if (subtask.read()) return true;
      }
      if (await this.#settle()) continue;
      if (this.#subtasks.every(({ isEnded }) => isEnded)) return false;
      await this.#wait();
    }
  }

  /** For a source, or for a call that an operator made; calls time out by virtual time. */
  async #wait(): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    const { batchMs = 0 } = this.#options;
    if (batchMs === 0 || !this.#isDeferring) return woken;
    const isTurn = await Promise.race([woken, turn()]);
    if (isTurn) this.#tick();
  }

  #tick(): void {
    this.nowMs += this.#options.batchMs ?? 0;
    for (const { job } of this.#subtasks) job.tick(this.nowMs);
  }

  get #isDeferring(): boolean {
    return this.#subtasks.some(({ job }) => job.isDeferring);
  }

  /** All that was read comes to where it goes to, as far as there is room; whether anything did. */
  async #settle(): Promise<boolean> {
    let isAny = false;
    for (let isBusy = true; isBusy; isAny ||= isBusy) {
      isBusy = false;
      for (const subtask of this.#inSomeOrder()) if (await this.#handOn(subtask)) isBusy = true;
    }
    return isAny;
  }

  async #handOn(subtask: Subtask): Promise<boolean> {
    const isDrained = await subtask.drain();
    const isFlushed = subtask.job.goOn();
    for (const output of subtask.job.outputs) output.flush();
    return subtask.handOn() || isDrained || isFlushed;
  }

  async #prepare(): Promise<void> {
    const id = (this.checkpoint?.id ?? 0) + 1;
    for (const subtask of this.#subtasks) subtask.barrier(id, false);
    const parts: CheckpointPart[] = [];
    const waiting = new Set(this.#subtasks);
    while (waiting.size > 0) {
      for (const subtask of this.#inSomeOrder()) {
        await subtask.drain();
        subtask.job.goOn();
        subtask.sendBarrier();
        await this.#handOn(subtask);
        await subtask.drain();
        const part = waiting.has(subtask) ? subtask.takePart() : undefined;
        if (!part) continue;
        waiting.delete(subtask);
        parts[this.#subtasks.indexOf(subtask)] = part;
      }
      // What holds the sources may be calls.
      if (waiting.size > 0 && this.#isDeferring && (await turn())) this.#tick();
    }
    this.checkpoint = {
      id,
      layers: [
        ...(this.checkpoint?.layers ?? []),
        layerOfSubtasks(parts.map(({ layer }) => layer)),
      ],
      transactions: transactionsOf(parts),
      turns: this.#subtasks.map(({ turns }) => turns),
    };
  }

  async #commit(): Promise<void> {
    for (const subtask of this.#subtasks) await subtask.commit(this.checkpoint?.id ?? 0);
  }

  #inSomeOrder(): readonly Subtask[] {
    return this.#subtasks.length === 1 ? this.#subtasks : shuffled(this.#random, this.#subtasks);
  }
}

/** Of the event loop. */
function turn(): Promise<true> {
  return new Promise((resolve) => void setImmediate(resolve, true));
}
