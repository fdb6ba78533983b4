import type { Random } from "@quorate/runtime";
import type { Swarm } from "../swarm/draw-swarm.ts";
import type { Nemesis } from "../swarm/nemesis.ts";
import type { SimulatedNode } from "../world/simulated-node.ts";
import type { Simulation } from "../world/simulation.ts";
import type { SimulationMode } from "./simulation-target.ts";

/** What the parts of one run share. */
export class SwarmContext<T> {
  readonly world: Simulation;
  readonly swarm: Swarm;
  readonly mode: SimulationMode;
  /** For the target's own draws. */
  readonly random: Random;
  readonly #coverage: Record<string, number>;
  /** Filled in before anything starts. */
  nodes: readonly SimulatedNode<T>[] = [];
  nemesis!: Nemesis;
  /** Operations that users asked for and that were answered. */
  operations = 0;
  /** Set once the nodes that must make progress are chosen (liveness), or healed (safety). */
  core: readonly SimulatedNode<T>[] | undefined;

  constructor(world: Simulation, swarm: Swarm, mode: SimulationMode, coverage: readonly string[]) {
    this.world = world;
    this.swarm = swarm;
    this.mode = mode;
    this.random = world.random.fork("target");
    this.#coverage = Object.fromEntries(coverage.map((name) => [name, 0]));
  }

  get coverage(): Readonly<Record<string, number>> {
    return this.#coverage;
  }

  /** Something that is worth testing was exercised. */
  cover(name: string, by: number = 1): void {
    this.#coverage[name] = (this.#coverage[name] ?? 0) + by;
  }

  /** Nodes that run now. */
  running(): readonly SimulatedNode<T>[] {
    return this.nodes.filter(({ state }) => state === "running");
  }
}
