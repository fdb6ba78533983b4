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
const TEST_PIECE_ROWS = 2;

/** From a start or restart to the end or a crash. */
class Attempt {
  checkpoint: TestCheckpoint | undefined;
  nowMs: number;
  readonly #graph: Graph;
  readonly #options: TestRunOptions;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #subtasks: readonly Subtask[];
  #wake: () => void = () => {};
  /** That were read. */
  #batches = 0;
  #batchesAtBarrier = 0;

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
    while (await this.#nextBatch()) {
      await this.#settle();
      if (this.#isAt(crash, "batch")) return false;
      const isDue = this.#batches - this.#batchesAtBarrier >= checkpointEvery;
      if (!isDue && !this.#isAt(crash, "before-commit")) continue;
      if (!(await this.#prepare(crash))) return false;
      if (this.#isAt(crash, "before-commit")) return false;
      await this.#commit();
    }
    await this.#prepare(undefined);
    await this.#commit();
    return true;
  }

  #isAt(crash: Crash | undefined, at: Crash["at"]): boolean {
    return crash !== undefined && crash.at === at && this.#batches >= crash.afterBatches;
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
      pieceRows: TEST_PIECE_ROWS,
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
      // From before anything is asked for: an answer may come before it is waited for.
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      for (const subtask of this.#inSomeOrder()) {
        await subtask.drain();
        subtask.job.goOn();
        if (this.#read(subtask)) return true;
      }
      if (await this.#settle()) continue;
      if (this.#subtasks.every(({ isEnded }) => isEnded)) return false;
      await this.#wait(woken);
    }
  }

  #read(subtask: Subtask): boolean {
    if (!subtask.read()) return false;
    this.#batches++;
    this.#tick();
    return true;
  }

  /** For a source, or for a call that an operator made; calls time out by virtual time. */
  async #wait(woken: Promise<void>): Promise<void> {
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

  /**
   * A checkpoint, which is kept at the end. Each subtask reads one batch more while its rows are
   * encoded; false if the crash comes with that.
   */
  async #prepare(crash: Crash | undefined): Promise<boolean> {
    const id = (this.checkpoint?.id ?? 0) + 1;
    for (const subtask of this.#subtasks) subtask.barrier(id, false);
    this.#batchesAtBarrier = this.#batches;
    const turns: (readonly string[])[] = [];
    const parts: CheckpointPart[] = [];
    const waiting = new Set(this.#subtasks);
    const reading = new Set(this.#subtasks);
    while (waiting.size > 0) {
      for (const subtask of this.#inSomeOrder()) {
        const at = this.#subtasks.indexOf(subtask);
        await subtask.drain();
        subtask.job.goOn();
        if (subtask.sendBarrier()) turns[at] = subtask.turns;
        await this.#handOn(subtask);
        await subtask.drain();
        if (!waiting.has(subtask)) continue;
        if (subtask.encode() && reading.delete(subtask) && this.#read(subtask)) {
          if (this.#isAt(crash, "batch")) return false;
        }
        const part = subtask.takePart();
        if (!part) continue;
        waiting.delete(subtask);
        parts[at] = part;
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
      turns,
    };
    return true;
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
