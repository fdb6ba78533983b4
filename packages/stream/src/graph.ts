import type { Channel } from "./core/channel.ts";
import type { Exchange } from "./core/exchange/exchange-output.ts";
import type { OperatorContext } from "./core/operator-context.ts";
import type { ErrorPolicy } from "./core/record-place.ts";
import type { StateMigrations } from "./core/state/migrations.ts";
import type { WatermarkStrategy } from "./core/time/watermarks.ts";
import type { Sink, Source } from "./connector.ts";

/** An edge: where a node's input comes from. */
export interface GraphInput {
  /** Position of the node in the graph; always before the reader's. */
  readonly from: number;
  /** Which side output of it; undefined: its main output. */
  readonly tag?: string;
  /** Which subtasks of the reader have a record. @default the one of the writer's number */
  readonly exchange?: Exchange;
}

interface Named {
  /** What checkpoints know the node by. */
  readonly id: string;
  /** Flink's word for what it does. */
  readonly kind: string;
  readonly inputs: readonly GraphInput[];
  /** What becomes of records that it fails on. @default that of the run */
  readonly onError?: ErrorPolicy;
  /** By the name of the state. */
  readonly migrations?: StateMigrations;
}

export interface SourceNode extends Named {
  readonly role: "source";
  readonly source: Source<never>;
  readonly watermarks: WatermarkStrategy<never>;
}

export interface OperatorNode extends Named {
  readonly role: "operator";
  /** One running instance: a channel for each input. */
  readonly create: (context: OperatorContext, next: Channel<unknown>) => readonly Channel<never>[];
}

export interface SinkNode extends Named {
  readonly role: "sink";
  readonly sink: Sink<never>;
}

export type GraphNode = SourceNode | OperatorNode | SinkNode;

/** What a pipeline is: a list of nodes, each after those that it reads from. */
export type Graph = readonly GraphNode[];
