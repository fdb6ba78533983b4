import type { Random } from "@quorate/runtime";
import type { Swarm } from "../swarm/draw-swarm.ts";
import type { Nemesis } from "../swarm/nemesis.ts";
import type { SimulatedNode } from "../world/simulated-node.ts";
import type { Simulation } from "../world/simulation.ts";
import type { SimulationMode } from "./simulation-target.ts";

/** What a supervisor takes to see that a process is of no use, and to start the next. */
const NOTICE_MS = 100;
const RESTART_MS = 1_000;

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

  /** The program on a node cannot go on: its process ends, and a supervisor starts it again. */
  replace(name: string, isConcerned: (instance: T) => boolean): void {
    const node = this.nodes.find((each) => each.name === name)!;
    this.world.clock.setTimer(NOTICE_MS, () => {
      if (!node.instance || !isConcerned(node.instance)) return; // somebody else was faster
      node.kill();
      this.world.clock.setTimer(RESTART_MS, () => this.nemesis.boot(node));
    });
  }

  /** Whether a leader outside of the core keeps a node of the core waiting, over a broken way. */
  isBeyondReach(node: SimulatedNode, leader: string | undefined): boolean {
    if (leader === undefined || this.core?.some(({ name }) => name === leader)) return false;
    const { network } = this.world;
    return !network.isClear(leader, node.name) || !network.isClear(node.name, leader);
  }

  /** Nodes that run now. */
  running(): readonly SimulatedNode<T>[] {
    return this.nodes.filter(({ state }) => state === "running");
  }
}
