import type { CheckpointLayer } from "../core/state/layer.ts";
import type { Graph } from "../graph.ts";
import { Job, type JobOptions } from "../job.ts";
import { Reading } from "./reading.ts";
import { Writing } from "./writing.ts";

/** What one subtask adds to a checkpoint. */
export interface CheckpointPart {
  readonly id: number;
  readonly layer: CheckpointLayer;
  /** What its writers prepared, by sink. */
  readonly transactions: ReadonlyMap<string, unknown>;
}

export interface SubtaskOptions extends JobOptions {
  /**
   * Event time by which a source may be ahead of the slowest in its subtask that has a watermark and
   * is not idle; further on, it is not read. @default Infinity
   */
  readonly maxDriftMs?: number;
}

/**
 * One subtask with its open sources and sinks: `drain` and `workOn` do a piece of what there is to do.
 * Sources take turns; one that waits for records delays no other.
 */
export class Subtask {
  readonly job: Job;
  readonly #graph: Graph;
  readonly #options: SubtaskOptions;
  readonly #aborted = new AbortController();
  readonly #writings: Writing[] = [];
  /** Those that have not ended, the next one first. */
  #readings: Reading[] = [];
  #opened: readonly Reading[] = [];
  /** The barrier that is to be sent, or on its way. */
  #barrier: { readonly id: number; readonly isFinal: boolean; isSent: boolean } | undefined;
  #lastBarrier = -Infinity;
  #positions = new Map<Reading, ReadonlyMap<string, unknown>>();
  /** The checkpoint that has them. */
  #positionsOf = -Infinity;
  /** Nothing more is read. */
  #isStopped = false;

  /** @throws {StreamError} `invalid-graph`, `incompatible-state` */
  constructor(graph: Graph, options: SubtaskOptions) {
    this.#graph = graph;
    this.#options = options;
    this.job = new Job(graph, options);
  }

  /** Nothing is left to be read or done, but a barrier may come. */
  get isEnded(): boolean {
    return this.job.isEnded;
  }

  /** Ids of the sources that are read, the next one first. */
  get turns(): readonly string[] {
    return this.#readings.map(({ id }) => id);
  }

  /** Sources in the order of `turns`, if it is given; those that are not in it have ended. */
  async open(turns?: readonly string[]): Promise<void> {
    const { subtask = 0, subtasks = 1, onReady = () => {} } = this.#options;
    const { signal } = this.#aborted;
    const readings = new Map<string, Reading>();
    for (const node of this.#graph) {
      const { id } = node;
      if (node.role === "sink") {
        const buffer = this.job.sinks.get(id);
        const writer = await node.sink.open({ id, subtask, subtasks });
        if (buffer) this.#writings.push(new Writing(id, buffer, writer));
      }
      const input = this.job.sources.get(id);
      if (node.role !== "source" || !input) continue;
      if (turns && !turns.includes(id)) {
        this.job.end(input);
        continue;
      }
      const { positions } = input;
      const reader = await node.source.open({ id, subtask, subtasks, positions, signal });
      readings.set(id, new Reading(id, input, reader, onReady));
    }
    this.#opened = [...readings.values()];
    this.#readings = (turns ?? [...readings.keys()]).flatMap((id) => readings.get(id) ?? []);
  }

  /** Asks for a barrier; after a final one nothing is read. One at a time; one that comes again is none. */
  barrier(id: number, isFinal: boolean): void {
    if (id <= this.#lastBarrier) return;
    this.#lastBarrier = id;
    this.#barrier = { id, isFinal, isSent: false };
  }

  /** Whether a sink has anything to write or to prepare. */
  get isWriteDue(): boolean {
    return this.#writings.some(({ isDue }) => isDue);
  }

  /** Whether some source is not read because what follows has no room. */
  get isHeld(): boolean {
    return this.#readings.some(({ input }) => !input.isReady);
  }

  /**
   * Goes on with what has room again, hands on a batch of each gate, and sends the barrier or reads a
   * batch of a source. Whether there was anything to do.
   *
   * @throws {StreamError} `record-failed`, `source-failed`
   */
  workOn(): boolean {
    const isFlushed = this.job.goOn();
    const isHandedOn = this.handOn();
    return this.sendBarrier() || this.read() || isHandedOn || isFlushed;
  }

  /** Hands on one batch of each gate; false if none can. */
  handOn(): boolean {
    let isAny = false;
    for (const gate of this.job.gates) {
      const ready = gate.ready();
      if (ready.length === 0) continue;
      gate.handOn(ready);
      isAny = true;
    }
    return isAny;
  }

  /** Sends the barrier that was asked for; false if there is none, or it is not the time. */
  sendBarrier(): boolean {
    const barrier = this.#barrier;
    if (!barrier || barrier.isSent || !this.job.isBetweenBatches) return false;
    barrier.isSent = true;
    this.#isStopped ||= barrier.isFinal;
    this.#positionsOf = barrier.id;
    for (const reading of this.#opened) {
      this.#positions.set(reading, new Map(reading.input.ownPositions));
    }
    this.job.barrier(barrier.id);
    return true;
  }

  /** Pushes one batch of the source whose turn it is; false if none can or may. */
  read(): boolean {
    if (this.#isStopped || this.#isBarrierDue) return false;
    for (let turn = this.#readings.length; turn > 0; turn--) {
      const reading = this.#readings.shift() as Reading;
      const next = this.#mayRead(reading) ? reading.take() : undefined;
      if (next?.done) {
        this.job.end(reading.input);
        return true;
      }
      this.#readings.push(reading);
      if (!next) continue;
      this.job.push(reading.input, next.value);
      return true;
    }
    return false;
  }

  /** Writes, and prepares, what sinks are due; whether any was. */
  async drain(): Promise<boolean> {
    let isBusy = false;
    for (const writing of this.#writings) {
      if (!writing.isDue) continue;
      await writing.drain();
      isBusy = true;
    }
    return isBusy;
  }

  /** What it adds to the checkpoint, once the barrier is through and all sinks have prepared. */
  takePart(): CheckpointPart | undefined {
    const barrier = this.#barrier;
    if (!barrier?.isSent || this.isWriteDue) return undefined;
    const { id } = barrier;
    const layer = this.job.takeLayer(id);
    if (!layer) return undefined;
    this.#barrier = undefined;
    const transactions = new Map<string, unknown>();
    for (const writing of this.#writings) {
      const transaction = writing.prepared(id);
      if (transaction !== undefined) transactions.set(writing.id, transaction);
    }
    return { id, layer, transactions };
  }

  /**
   * The checkpoint is kept.
   *
   * @throws {StreamError} `commit-failed`, `source-failed`
   */
  async commit(id: number): Promise<void> {
    for (const writing of this.#writings) await writing.commit(id);
    // A commit that comes again says nothing of the checkpoint that is under way by then.
    if (id < this.#positionsOf) return;
    for (const [reading, positions] of this.#positions) await reading.checkpointed(positions);
    this.#positions = new Map();
  }

  /** Sources first, so that none reads on for nobody. */
  async close(): Promise<void> {
    this.#isStopped = true;
    this.#aborted.abort();
    for (const reading of this.#opened) await reading.close();
    for (const writing of this.#writings) await writing.close();
  }

  get #isBarrierDue(): boolean {
    return this.#barrier !== undefined && !this.#barrier.isSent;
  }

  /** It has room, and is not too far ahead of the others. */
  #mayRead({ input }: Reading): boolean {
    if (!input.isReady) return false;
    const { maxDriftMs = Infinity } = this.#options;
    if (maxDriftMs === Infinity) return true;
    let slowestMs = Infinity;
    for (const { input: other } of this.#readings) {
      if (other === input || other.isIdle || other.watermarkMs === -Infinity) continue;
      slowestMs = Math.min(slowestMs, other.watermarkMs);
    }
    return input.watermarkMs <= slowestMs + maxDriftMs;
  }
}

/** What the writers of all subtasks prepared, by sink. */
export function transactionsOf(
  parts: readonly CheckpointPart[],
): ReadonlyMap<string, readonly unknown[]> {
  const all = new Map<string, unknown[]>();
  for (const { transactions } of parts) {
    for (const [id, transaction] of transactions) {
      all.set(id, [...(all.get(id) ?? []), transaction]);
    }
  }
  return all;
}
