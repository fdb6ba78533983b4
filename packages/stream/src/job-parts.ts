import type { Channel } from "./core/channel.ts";
import { onRecordError, recordFailed } from "./core/error-policy.ts";
import { ExchangeGate } from "./core/exchange/exchange-gate.ts";
import { ExchangeOutput } from "./core/exchange/exchange-output.ts";
import type { Deferred } from "./core/deferred.ts";
import type { Brake, Flow } from "./core/flow.ts";
import { Port } from "./core/inputs.ts";
import type { OperatorContext } from "./core/operator-context.ts";
import { OperatorCounter } from "./core/operator-counts.ts";
import { OperatorInput, type OnRecordError } from "./core/operator-input.ts";
import { Outputs, type Reader } from "./core/outputs.ts";
import type { RecordPlace } from "./core/record-place.ts";
import { SinkBuffer } from "./core/sink-buffer.ts";
import { SourceInput } from "./core/source-input.ts";
import type { OperatorLayer } from "./core/state/layer.ts";
import { gateId, layersOf } from "./core/state/restored-layers.ts";
import { TickedTime } from "./core/time/ticked-time.ts";
import { type ExchangeEdge, Wiring } from "./core/wiring.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { JobOptions } from "./job.ts";

/** An operator that stopped in the middle of firing its timers. */
export interface Stopped {
  readonly flow: Flow;
  /** Holds what comes to it. */
  readonly brake: Brake;
  readonly resume: () => boolean;
}

/** What a job is told by its parts. */
export interface JobHooks {
  /** A barrier came to an end of the chains. */
  readonly onBarrier: () => void;
  readonly keep: (id: string, layer: OperatorLayer) => void;
  readonly stop: (stopped: Stopped) => void;
  /** There is something that `goOn` can do. */
  readonly wake: () => void;
  readonly place: () => RecordPlace | undefined;
}

/** Makes one subtask of each operator of a graph, and joins them. */
export class JobParts {
  readonly time: TickedTime;
  readonly sources: Map<string, SourceInput<unknown>> = new Map();
  readonly sinks: Map<string, SinkBuffer<unknown>> = new Map();
  readonly outputs: ExchangeOutput[] = [];
  readonly gates: ExchangeGate[] = [];
  /** In the order of the graph. */
  readonly deferred: { readonly flow: Flow; readonly deferred: Deferred }[] = [];
  readonly counters: Map<string, OperatorCounter> = new Map();
  /** How many ends the chains have. */
  ends = 0;
  readonly #graph: Graph;
  readonly #options: JobOptions;
  readonly #hooks: JobHooks;
  readonly #wiring: Wiring;

  constructor(graph: Graph, options: JobOptions, hooks: JobHooks) {
    this.#graph = graph;
    this.#options = options;
    this.#hooks = hooks;
    this.time = new TickedTime(options.nowMs);
    this.#wiring = new Wiring(graph, options.subtasks ?? 1);
    for (const { id } of graph) this.counters.set(id, new OperatorCounter());
    this.#make();
    this.time.startInGraphOrder();
  }

  /** Readers first: each operator is made with the channel to them. */
  #make(): void {
    const readers = this.#graph.map((): Reader[] => []);
    const sources: [string, SourceInput<unknown>][] = [];
    const sinks: [string, SinkBuffer<unknown>][] = [];
    for (let at = this.#graph.length - 1; at >= 0; at--) {
      const node = this.#graph[at] as GraphNode;
      const outputs = new Outputs(readers[at] as Reader[], this.#hooks.onBarrier);
      if (readers[at]?.length === 0) this.ends++;
      let channels: readonly Channel<unknown>[] = [];
      if (node.role === "source") {
        sources.unshift([node.id, this.#source(node, at, outputs)]);
      } else if (node.role === "sink") {
        const buffer = this.#sink(node.id, at);
        sinks.unshift([node.id, buffer]);
        channels = [buffer];
      } else {
        channels = this.#operator(node, at, outputs);
      }
      // Of two inputs of one reader, the first hears first.
      for (let input = node.inputs.length - 1; input >= 0; input--) {
        const { from, tag } = node.inputs[input] as GraphNode["inputs"][number];
        const channel = this.#exchanged(at, input, channels[input] as Channel<unknown>);
        readers[from]?.unshift({ tag, channel });
      }
    }
    for (const [id, source] of sources) this.sources.set(id, source);
    for (const [id, sink] of sinks) this.sinks.set(id, sink);
  }

  #source(
    node: GraphNode & { role: "source" },
    at: number,
    outputs: Outputs,
  ): SourceInput<unknown> {
    const context = this.#contextOf(node.id, at, outputs);
    const source = new SourceInput<unknown>(
      context,
      outputs.main,
      node.watermarks as never,
      this.#onError(node, context),
    );
    (this.counters.get(node.id) as OperatorCounter).inputs = [source];
    return source;
  }

  #sink(id: string, at: number): SinkBuffer<unknown> {
    const { sinkRecords = SINK_RECORDS } = this.#options;
    const brake = this.#wiring.brakeOf(at);
    const buffer = new SinkBuffer<unknown>(sinkRecords, brake, this.#hooks.onBarrier);
    (this.counters.get(id) as OperatorCounter).inputs = [buffer];
    return buffer;
  }

  /** What its inputs are fed through. */
  #operator(
    node: GraphNode & { role: "operator" },
    at: number,
    outputs: Outputs,
  ): readonly Channel<unknown>[] {
    const context = this.#contextOf(node.id, at, outputs);
    const inputs = node.create(context, outputs.main) as readonly Channel<unknown>[];
    inputs.forEach((input, number) => {
      if (input instanceof Port) input.brake = this.#wiring.brakeOfInput(at, number);
    });
    const { isObserved, onError = "fail" } = this.#options;
    if (!isObserved && (node.onError ?? onError) === "fail") return inputs;
    const handler = this.#onError(node, context);
    const onTimerError = (error: unknown): never => {
      throw recordFailed(node.id, error, undefined);
    };
    const observed = inputs.map((input) => new OperatorInput(input, handler, onTimerError));
    (this.counters.get(node.id) as OperatorCounter).inputs = observed;
    return observed;
  }

  #onError({ id, onError }: GraphNode, context: OperatorContext): OnRecordError {
    const counter = this.counters.get(id) as OperatorCounter;
    return onRecordError({
      id,
      policy: onError ?? this.#options.onError ?? "fail",
      place: this.#hooks.place,
      sideOutput: (tag) => context.sideOutput(tag),
      countFailed: () => void counter.failedRecords++,
    });
  }

  #contextOf(id: string, at: number, outputs: Outputs): OperatorContext {
    const { keyGroups, codec } = this.#options;
    const counter = this.counters.get(id) as OperatorCounter;
    const flow = this.#wiring.flows[at] as Flow;
    const brake = this.#wiring.brakeOf(at);
    const context: OperatorContext = {
      ...this.#placeOf(id),
      id,
      keyGroups,
      codec,
      processingTime: this.time,
      migrations: this.#graph[at]?.migrations ?? {},
      flow,
      countLate: () => void counter.lateRecords++,
      observe: (look) => void (counter.look = look),
      stop: (resume) => {
        brake.set(true);
        this.#hooks.stop({ flow, brake, resume });
      },
      defer: (deferred) => {
        // Readers are made first.
        this.deferred.unshift({ flow, deferred });
        return {
          hold: (isOn) => brake.set(isOn),
          wake: this.#hooks.wake,
          failed: this.#onError(this.#graph[at] as GraphNode, context),
        };
      },
      sideOutput: ({ name }) => outputs.side(name),
    };
    return context;
  }

  #placeOf(id: string): Pick<OperatorContext, "subtask" | "subtasks" | "restored" | "keep"> {
    const { subtask = 0, subtasks = 1, keyGroups, restored = [] } = this.#options;
    return {
      subtask,
      subtasks,
      restored: layersOf(id, restored, keyGroups, subtask, subtasks),
      keep: (_, layer) => this.#hooks.keep(id, layer),
    };
  }

  /** What feeds an input: the end of its edge that the writer has. */
  #exchanged(at: number, input: number, channel: Channel<unknown>): Channel<unknown> {
    const number = this.#wiring.edge(at, input);
    const edge = this.#wiring.edges[number];
    const { exchange, codec } = this.#options;
    if (!edge || !exchange) return channel;
    const context = { ...this.#placeOf(gateId((this.#graph[at] as GraphNode).id, input)), codec };
    this.gates[number] = new ExchangeGate(context, edge.gate, channel, (writer) =>
      exchange.onHandedOn(number, writer),
    );
    const output = this.#output(number, edge);
    this.outputs[number] = output;
    return output;
  }

  #output(number: number, { from, exchange }: ExchangeEdge): ExchangeOutput {
    const { subtask = 0, subtasks = 1, keyGroups, codec, exchange: options } = this.#options;
    const { batchRecords, credits, send } = options as NonNullable<JobOptions["exchange"]>;
    this.ends++;
    return new ExchangeOutput({
      exchange,
      subtask,
      subtasks,
      keyGroups,
      codec,
      batchRecords,
      credits,
      brake: this.#wiring.brakeAfter(from),
      onBarrier: this.#hooks.onBarrier,
      send: (target, batch) => send(number, target, batch),
    });
  }
}

/** Records after which a sink's buffer holds what feeds it. */
const SINK_RECORDS = 8192;
