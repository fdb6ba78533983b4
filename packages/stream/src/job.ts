import type { Channel } from "./core/channel.ts";
import type { Deferred } from "./core/deferred.ts";
import { fanOut } from "./core/fan-out.ts";
import type { OperatorContext, ProcessingTime } from "./core/operator-context.ts";
import { SinkBuffer } from "./core/sink-buffer.ts";
import { SourceInput } from "./core/source-input.ts";
import type { CheckpointLayer, OperatorLayer, StateCodec } from "./core/state/layer.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { StreamError } from "./stream-error.ts";

export interface JobOptions {
  readonly codec: StateCodec;
  readonly keyGroups: number;
  /** Processing time at the start. */
  readonly nowMs: number;
  /** @default 0 of 1 */
  readonly subtask?: number;
  readonly subtasks?: number;
  /** The layers of the checkpoint to go on from, oldest first. */
  readonly restored?: readonly CheckpointLayer[];
}

/**
 * A graph fused into chains of calls: one subtask of each operator, synchronous, without clock or
 * I/O. Whoever drives it pushes batches into `sources`, drains `sinks`, and ticks.
 */
export class Job {
  readonly sources: ReadonlyMap<string, SourceInput<unknown>>;
  readonly sinks: ReadonlyMap<string, SinkBuffer<unknown>>;
  /** Records that came too late to have their effect, by operator, since the start. */
  readonly lateRecords: ReadonlyMap<string, number>;
  /** What the driver flushes between batches, in the order of the graph. */
  readonly deferred: readonly Deferred[];
  readonly #deferred: Deferred[] = [];
  readonly #lateRecords = new Map<string, number>();
  readonly #time: TickedTime;
  #layer = new Map<string, OperatorLayer>();

  constructor(graph: Graph, options: JobOptions) {
    this.#time = new TickedTime(options.nowMs);
    this.lateRecords = this.#lateRecords;
    checkIds(graph, options.restored ?? []);
    const sources = new Map<string, SourceInput<unknown>>();
    const sinks = new Map<string, SinkBuffer<unknown>>();
    // Readers first: each operator is made with the channel to them.
    const readers = graph.map((): Reader[] => []);
    for (let at = graph.length - 1; at >= 0; at--) {
      const node = graph[at] as GraphNode;
      const outputs = new Outputs(readers[at] as Reader[]);
      const context = this.#contextOf(node, outputs, options);
      const inputs = this.#instance(node, context, outputs.main, sources, sinks);
      node.inputs.forEach(({ from, tag }, input) => {
        readers[from]?.unshift({ tag, channel: inputs[input] as Channel<unknown> });
      });
    }
    this.sources = new Map([...sources].toReversed());
    this.sinks = new Map([...sinks].toReversed());
    this.deferred = this.#deferred.toReversed();
    this.#time.startInGraphOrder();
  }

  /** Processing time moves on; timers and idle sources that are due follow at once. */
  tick(nowMs: number): void {
    this.#time.tick(nowMs);
  }

  /** A barrier through all chains. What changed since the last one, as bytes. */
  checkpoint(id: number): CheckpointLayer {
    this.#layer = new Map();
    for (const source of this.sources.values()) source.barrier(id);
    return { id, operators: this.#layer };
  }

  #instance(
    node: GraphNode,
    context: OperatorContext,
    next: Channel<unknown>,
    sources: Map<string, SourceInput<unknown>>,
    sinks: Map<string, SinkBuffer<unknown>>,
  ): readonly Channel<unknown>[] {
    switch (node.role) {
      case "source":
        sources.set(node.id, new SourceInput<unknown>(context, next, node.watermarks as never));
        return [];
      case "operator":
        return node.create(context, next);
      case "sink": {
        const buffer = new SinkBuffer<unknown>();
        sinks.set(node.id, buffer);
        return [buffer];
      }
    }
  }

  #contextOf(node: GraphNode, outputs: Outputs, options: JobOptions): OperatorContext {
    const { id } = node;
    const { subtask = 0, subtasks = 1 } = options;
    return {
      id,
      subtask,
      subtasks,
      keyGroups: options.keyGroups,
      codec: options.codec,
      processingTime: this.#time,
      restored: (options.restored ?? []).flatMap(({ operators }) => operators.get(id) ?? []),
      keep: (_, layer) => void this.#layer.set(id, layer),
      countLate: () => this.#lateRecords.set(id, (this.#lateRecords.get(id) ?? 0) + 1),
      defer: (deferred) => void this.#deferred.push(deferred),
      sideOutput: ({ name }) => outputs.side(name),
    };
  }
}

interface Reader {
  readonly tag: string | undefined;
  readonly channel: Channel<unknown>;
}

/** The outputs of one operator. */
class Outputs {
  readonly main: Channel<unknown>;
  readonly #sides = new Map<string, Channel<unknown>>();
  readonly #nobody: Channel<unknown> = fanOut<unknown>([]);

  constructor(readers: readonly Reader[]) {
    const main = readers.filter(({ tag }) => tag === undefined);
    const sides = readers.filter(({ tag }) => tag !== undefined);
    const channels = (of: readonly Reader[]): Channel<unknown>[] => of.map((one) => one.channel);
    this.main = fanOut(channels(main), channels(sides));
    for (const { tag } of sides) {
      const same = sides.filter((one) => one.tag === tag);
      this.#sides.set(tag as string, fanOut(channels(same)));
    }
  }

  side(tag: string): Channel<unknown> {
    return this.#sides.get(tag) ?? this.#nobody;
  }
}

class TickedTime implements ProcessingTime {
  nowMs: number;
  readonly #listeners: ((nowMs: number) => void)[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  onTick(listener: (nowMs: number) => void): void {
    this.#listeners.push(listener);
  }

  /** Operators were made readers first; what a timer emits should find later ones not fired yet. */
  startInGraphOrder(): void {
    this.#listeners.splice(0, Infinity, ...this.#listeners.toReversed());
  }

  tick(nowMs: number): void {
    this.nowMs = nowMs;
    for (const listener of this.#listeners) listener(nowMs);
  }
}

function checkIds(graph: Graph, restored: readonly CheckpointLayer[]): void {
  const ids = new Set<string>();
  for (const { id } of graph) {
    if (ids.has(id)) throw new StreamError("invalid-graph", `two operators are named ${id}`);
    ids.add(id);
  }
  for (const { operators } of restored) {
    for (const id of operators.keys()) {
      if (ids.has(id)) continue;
      throw new StreamError("incompatible-state", `the checkpoint has an operator ${id}`);
    }
  }
}
