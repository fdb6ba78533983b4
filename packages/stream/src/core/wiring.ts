import type { Graph, GraphInput } from "../graph.ts";
import type { Exchange } from "./exchange/exchange-output.ts";
import { Brake, Flow } from "./flow.ts";

/** An edge whose records go to other subtasks, too. */
export interface ExchangeEdge {
  readonly from: number;
  readonly to: number;
  readonly input: number;
  readonly exchange: Exchange;
  /** Where the reader's gate is. */
  readonly gate: Flow;
}

/** What is before what within one subtask of a graph: whom a full buffer holds. */
export class Wiring {
  /** In the order of their readers; the same in all subtasks. */
  readonly edges: readonly ExchangeEdge[];
  /** Where each node is. */
  readonly flows: readonly Flow[];
  readonly #before: readonly Set<Flow>[];
  readonly #graph: Graph;

  constructor(graph: Graph, subtasks: number) {
    this.#graph = graph;
    this.flows = graph.map(() => new Flow());
    this.#before = graph.map(() => new Set<Flow>());
    const edges: ExchangeEdge[] = [];
    this.edges = edges;
    graph.forEach(({ inputs }, to) => {
      inputs.forEach(({ from, exchange }, input) => {
        if (exchange && subtasks > 1) edges.push({ from, to, input, exchange, gate: new Flow() });
        for (const flow of this.#beforeInput(to, input)) this.#before[to]?.add(flow);
      });
    });
  }

  edge(to: number, input: number): number {
    return this.edges.findIndex((edge) => edge.to === to && edge.input === input);
  }

  /** Holds all that comes to a node. */
  brakeOf(at: number): Brake {
    return new Brake(this.#before[at] as ReadonlySet<Flow>);
  }

  /** Holds what comes to one input of it. */
  brakeOfInput(at: number, input: number): Brake {
    return new Brake(this.#beforeInput(at, input));
  }

  /** Holds a node and all that comes to it. */
  brakeAfter(at: number): Brake {
    return new Brake([...(this.#before[at] ?? []), this.flows[at] as Flow]);
  }

  #beforeInput(at: number, input: number): readonly Flow[] {
    const edge = this.edges[this.edge(at, input)];
    if (edge) return [edge.gate];
    const { inputs } = this.#graph[at] as Graph[number];
    const { from } = inputs[input] as GraphInput;
    return [...(this.#before[from] ?? []), this.flows[from] as Flow];
  }
}
