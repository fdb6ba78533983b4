import type { Channel } from "./core/channel.ts";
import type { ErrorPolicy } from "./core/record-place.ts";
import type { StateMigration } from "./core/state/migrations.ts";
import type { OperatorContext } from "./core/operator-context.ts";
import { noEventTime, type WatermarkStrategy } from "./core/time/watermarks.ts";
import type { Sink, Source } from "./connector.ts";
import { DataStream } from "./data-stream.ts";
import type { Graph, GraphInput, GraphNode } from "./graph.ts";
import type { OperatorMetrics, PipelineMetrics } from "./run/metrics.ts";
import { StreamError } from "./stream-error.ts";

export interface FromOptions<T> {
  /** Where event time comes from. @default noEventTime() */
  readonly watermarks?: WatermarkStrategy<T>;
}

/**
 * A program of sources, operators and sinks, as data: nothing runs yet.
 *
 * Operators that are not `named` have ids of their kind and number. Name those with state: a change of
 * the program then leaves the others' ids as they are, and a checkpoint still fits.
 */
export function createPipeline(): Pipeline {
  return new Pipeline();
}

export class Pipeline {
  readonly #nodes: GraphNode[] = [];

  from<T>(
    source: Source<T>,
    { watermarks = noEventTime<T>() }: FromOptions<T> = {},
  ): DataStream<T> {
    return this.add<T>({
      role: "source",
      kind: "source",
      inputs: [],
      source: source as unknown as Source<never>,
      watermarks: watermarks as unknown as WatermarkStrategy<never>,
    });
  }

  get graph(): Graph {
    return this.#nodes;
  }

  /** The graph as Mermaid; with what `PipelineRun.metrics` tells, what each operator did. */
  explain(metrics?: Pick<PipelineMetrics, "operators">): string {
    const lines = this.#nodes.flatMap(({ id, kind, inputs }, at) => [
      `  n${at}["${id}${id.startsWith(kind) ? "" : `: ${kind}`}${inWords(metrics?.operators.get(id))}"]`,
      ...inputs.map(({ from, tag }) => `  n${from} -->${tag ? `|${tag}|` : ""} n${at}`),
    ]);
    return ["flowchart LR", ...lines].join("\n");
  }

  /** @internal */
  add<Out>(node: Unnamed<GraphNode>): DataStream<Out> {
    const at = this.#nodes.length;
    this.#nodes.push({ ...node, id: `${node.kind}-${at}` });
    return new DataStream(this, { from: at });
  }

  /** @internal */
  operator<Out>(
    kind: string,
    inputs: readonly GraphInput[],
    create: (context: OperatorContext, next: Channel<Out>) => readonly Channel<never>[],
  ): DataStream<Out> {
    return this.add({ role: "operator", kind, inputs, create: create });
  }

  /** @internal */
  sink<T>(input: GraphInput, sink: Sink<T>, id: string): void {
    this.#nodes.push({
      role: "sink",
      kind: "sink",
      id,
      inputs: [input],
      sink: sink as unknown as Sink<never>,
    });
  }

  /** @internal */
  setErrorPolicy(at: number, onError: ErrorPolicy): void {
    this.#nodes[at] = { ...(this.#nodes[at] as GraphNode), onError };
  }

  /** @internal */
  addMigration(at: number, state: string, migration: StateMigration): void {
    if (!(Number.isInteger(migration.version) && migration.version >= 2)) {
      throw new StreamError("invalid-option", `state ${state}: a version from 2, please`);
    }
    const node = this.#nodes[at] as GraphNode;
    this.#nodes[at] = { ...node, migrations: { ...node.migrations, [state]: migration } };
  }

  /** @internal */
  rename(at: number, id: string): void {
    if (this.#nodes.some((node, other) => node.id === id && other !== at)) {
      throw new StreamError("invalid-graph", `two operators are named ${id}`);
    }
    this.#nodes[at] = { ...(this.#nodes[at] as GraphNode), id };
  }
}

function inWords(metrics: OperatorMetrics | undefined): string {
  if (!metrics) return "";
  const { recordsIn, recordsOut, lateRecords, failedRecords, stateRows, watermarkLagMs } = metrics;
  const parts = [`in ${recordsIn}`, `out ${recordsOut}`];
  if (lateRecords > 0) parts.push(`late ${lateRecords}`);
  if (failedRecords > 0) parts.push(`failed ${failedRecords}`);
  if (stateRows > 0) parts.push(`keys ${stateRows}`);
  if (!Number.isNaN(watermarkLagMs)) parts.push(`behind ${Math.round(watermarkLagMs)} ms`);
  return `<br/>${parts.join(", ")}`;
}

type Unnamed<Node> = Node extends GraphNode ? Omit<Node, "id"> : never;
