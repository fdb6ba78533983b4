import type { Batch } from "./connector.ts";
import { recordFailed } from "./core/error-policy.ts";
import type { ExchangeBatch } from "./core/exchange/exchange-batch.ts";
import type { ExchangeGate } from "./core/exchange/exchange-gate.ts";
import type { ExchangeOutput } from "./core/exchange/exchange-output.ts";
import type { OperatorCounts } from "./core/operator-counts.ts";
import type { ErrorPolicy } from "./core/record-place.ts";
import type { SinkBuffer } from "./core/sink-buffer.ts";
import type { SourceInput } from "./core/source-input.ts";
import type { CheckpointLayer, OperatorLayer, StateCodec } from "./core/state/layer.ts";
import { checkFits } from "./core/state/restored-layers.ts";
import type { Graph } from "./graph.ts";
import { JobParts, type Stopped } from "./job-parts.ts";

export interface JobOptions {
  readonly codec: StateCodec;
  readonly keyGroups: number;
  /** Processing time at the start. */
  readonly nowMs: number;
  /** The layers of the checkpoint to go on from, oldest first. */
  readonly restored?: readonly CheckpointLayer[];
  /** Operators of the checkpoint that the pipeline has no more. @default none */
  readonly allowDropped?: readonly string[];
  /** @default 0 of 1 */
  readonly subtask?: number;
  readonly subtasks?: number;
  /** Records after which a sink's buffer holds what feeds it. @default 8192 */
  readonly sinkRecords?: number;
  /** Counts each operator's records, and names it in errors. @default false */
  readonly isObserved?: boolean;
  /** @default "fail" */
  readonly onError?: ErrorPolicy;
  /** Something that was waited for is there: there is work to do. */
  readonly onReady?: () => void;
  /** Of several subtasks. */
  readonly exchange?: ExchangeOptions;
}

/** How batches go to other subtasks; edges are numbered in the order of their readers. */
export interface ExchangeOptions {
  /** Records after which a batch is sent. */
  readonly batchRecords: number;
  /** Batches of an edge from one subtask to another that may be on their way. */
  readonly credits: number;
  readonly send: (edge: number, target: number, batch: ExchangeBatch) => void;
  /** A batch of `writer` was handed on: it may send another. */
  readonly onHandedOn: (edge: number, writer: number) => void;
}

/**
 * A graph fused into chains of calls: one subtask of each operator, synchronous, without clock or
 * I/O. Whoever drives it pushes batches into `sources` and `gates`, drains `sinks`, ticks, and calls
 * `goOn` when something has room again.
 */
export class Job {
  readonly sources: ReadonlyMap<string, SourceInput<unknown>>;
  readonly sinks: ReadonlyMap<string, SinkBuffer<unknown>>;
  /** By the number of their edge; none in one subtask. */
  readonly outputs: readonly ExchangeOutput[];
  readonly gates: readonly ExchangeGate[];
  readonly #parts: JobParts;
  readonly #stopped: Stopped[] = [];
  #pushing: SourceInput<unknown> | undefined;
  #layer = new Map<string, OperatorLayer>();
  /** How many ends of the chains have had the barrier. */
  #arrived = 0;

  /** @throws {StreamError} `invalid-graph`, `incompatible-state` */
  constructor(graph: Graph, options: JobOptions) {
    checkFits(graph, options.restored ?? [], options.allowDropped ?? []);
    this.#parts = new JobParts(graph, options, {
      onBarrier: () => void this.#arrived++,
      keep: (id, layer) => void this.#layer.set(id, layer),
      stop: (stopped) => void this.#stopped.push(stopped),
      wake: options.onReady ?? (() => {}),
      place: () => this.#pushing?.place,
    });
    const { sources, sinks, outputs, gates } = this.#parts;
    this.sources = sources;
    this.sinks = sinks;
    this.outputs = outputs;
    this.gates = gates;
  }

  /** All sources have ended, and all that came from other subtasks, and nothing waits inside. */
  get isEnded(): boolean {
    for (const source of this.sources.values()) if (!source.isEnded) return false;
    if (this.isDeferring) return false;
    return this.#stopped.length === 0 && this.gates.every((gate) => gate.isEnded);
  }

  /** Nothing stands still in its middle: a barrier may be sent, and overtakes nothing. */
  get isBetweenBatches(): boolean {
    for (const source of this.sources.values()) if (source.isBusy) return false;
    return this.#stopped.length === 0;
  }

  /** Records wait in operators for what is outside of the chains. */
  get isDeferring(): boolean {
    return this.#parts.deferred.some(({ deferred }) => deferred.size > 0);
  }

  /** By operator. Records of operators are counted only if the job is observed. */
  counts(): ReadonlyMap<string, OperatorCounts> {
    return new Map([...this.#parts.counters].map(([id, counter]) => [id, counter.counts()]));
  }

  /** Processing time moves on, never back; timers and idle sources that are due follow at once. */
  tick(nowMs: number): void {
    this.#parts.time.tick(nowMs);
  }

  /**
   * Pushes a batch into a source that `isReady`.
   *
   * @throws {StreamError} `record-failed`
   */
  push(source: SourceInput<unknown>, batch: Batch<unknown>): void {
    this.#guarded(source, () => source.push(batch));
  }

  /**
   * Ends a source that `isReady`.
   *
   * @throws {StreamError} `record-failed`
   */
  end(source: SourceInput<unknown>): void {
    this.#guarded(source, () => source.end());
  }

  /**
   * Goes on with what had stopped in its middle or is complete now, as far as there is room. Whether
   * anything was handed on that had been complete.
   *
   * @throws {StreamError} `record-failed`
   */
  goOn(): boolean {
    let isFlushed = false;
    for (const { flow, deferred } of this.#parts.deferred) {
      if (flow.blocked === 0 && deferred.flush()) isFlushed = true;
    }
    for (let at = 0; at < this.#stopped.length; at++) {
      const { flow, brake, resume } = this.#stopped[at] as Stopped;
      if (flow.blocked > 0 || !resume()) continue;
      this.#stopped.splice(at, 1);
      brake.set(false);
      at = -1;
    }
    for (const source of this.sources.values()) {
      if (source.isBusy) this.#guarded(source, () => source.goOn());
    }
    return isFlushed;
  }

  /** Sends a barrier from all sources, `isBetweenBatches`. */
  barrier(id: number): void {
    for (const source of this.sources.values()) source.barrier(id);
  }

  /**
   * What changed since the last checkpoint, as bytes, once the barrier has come to all ends of the
   * chains; undefined before.
   */
  takeLayer(id: number): CheckpointLayer | undefined {
    if (this.#arrived < this.#parts.ends) return undefined;
    const operators = this.#layer;
    this.#arrived = 0;
    this.#layer = new Map();
    return { id, operators };
  }

  /** A barrier through a job that is alone, whose sinks have been drained. */
  checkpoint(id: number): CheckpointLayer {
    this.barrier(id);
    const layer = this.takeLayer(id);
    if (!layer) throw new Error(`barrier ${id} did not come through`);
    for (const sink of this.sinks.values()) sink.prepared();
    return layer;
  }

  #guarded(source: SourceInput<unknown>, push: () => void): void {
    this.#pushing = source;
    try {
      push();
    } catch (error) {
      throw recordFailed("an operator", error, source.place);
    } finally {
      this.#pushing = undefined;
    }
  }
}
