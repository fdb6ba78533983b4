import { seededRandom, shuffled } from "@quorate/runtime";
import { createSimulation } from "../create-simulation.ts";
import { sequenceDiagram } from "../report/sequence-diagram.ts";
import { SimulationError } from "../simulation-error.ts";
import { drawSwarm } from "../swarm/draw-swarm.ts";
import { describeFault, type FaultKind, type PlannedFault } from "../swarm/fault.ts";
import { Nemesis } from "../swarm/nemesis.ts";
import type { NodeEnvironment, SimulatedNode } from "../world/simulated-node.ts";
import type { Simulation } from "../world/simulation.ts";
import type {
  SimulationMode,
  SimulationTarget,
  TargetFailure,
  TargetOptions,
  TargetResult,
} from "./simulation-target.ts";
import { SwarmContext } from "./swarm-context.ts";

/** A replicated program, its users, and what must be true of it. */
export interface SwarmDefinition<T> {
  readonly name: string;
  readonly coverage: readonly string[];
  /** @default [3, 5] */
  readonly clusterSizes?: readonly number[];
  /** How long things go wrong, in milliseconds of the world. @default 30_000 */
  readonly durationMs?: number;
  /** What the program must stand. */
  readonly faults: readonly FaultKind[];
  /** Whether it must stand messages that are lost, come twice or are overtaken. @default false */
  readonly unreliableMessages?: boolean;
  /** Of so many nodes, how many may have their durable data damaged. @default none */
  readonly damagedNodes?: (clusterSize: number) => number;
  /** Begins a run: the world is there, nothing runs yet. */
  begin(context: SwarmContext<T>): SwarmRun<T>;
}

/** One run of a target. What any of these throws is the run's failure. */
export interface SwarmRun<T> {
  /** Starts the program on one node. */
  boot(environment: NodeEnvironment): Promise<T>;
  /** Starts the users; they go on until the world ends. */
  startUsers(): void;
  /** Looks at the state of everything; called four times a second. */
  check(): void;
  /** Whether all is done that must be done once `core` is well again: then `checkEnd` is called. */
  isSettled(core: readonly SimulatedNode<T>[]): boolean;
  checkEnd(core: readonly SimulatedNode<T>[]): void;
  /** What a node that runs says of itself, for the report of a failure. */
  describe?(instance: T): string;
  /** Who leads, for the faults that are meant for a leader. @default nobody */
  leader?(): string | undefined;
  /** In which files bits may rot. @default all */
  mayRot?(node: string, path: string): boolean;
  /** A node could not start again. @default the run fails */
  onStartFailed?(node: SimulatedNode, error: unknown): "retry" | "leave";
}

const CHECK_EVERY_MS = 250;
/** How long a core that is well may take to settle. */
const SETTLE_WITHIN_MS = 60_000;

/** Makes a target that runs in a world drawn from its seed. */
export function swarmTarget<T>(definition: SwarmDefinition<T>): SimulationTarget {
  return {
    name: definition.name,
    coverage: definition.coverage,
    run: (seed, options) => new SwarmRunner(definition, seed, options).run(),
  };
}

class SwarmRunner<T> {
  readonly #definition: SwarmDefinition<T>;
  readonly #mode: SimulationMode;
  readonly #world: Simulation;
  readonly #context: SwarmContext<T>;
  readonly #plan: readonly PlannedFault[];
  readonly #target: SwarmRun<T>;

  constructor(definition: SwarmDefinition<T>, seed: string | number, options: TargetOptions) {
    this.#definition = definition;
    this.#mode = options.mode;
    const {
      clusterSizes = [3, 5],
      durationMs = 30_000,
      faults,
      unreliableMessages = false,
    } = definition;
    const swarm = drawSwarm(seededRandom(seed).fork("swarm"), {
      clusterSizes,
      durationMs,
      faults,
      unreliableMessages,
    });
    this.#plan = swarm.plan.filter(({ number }) => options.only?.includes(number) ?? true);
    this.#world = createSimulation({
      seed,
      network: swarm.network,
      disk: swarm.disk,
      clocks: swarm.clocks,
      damagedNodes: definition.damagedNodes?.(swarm.names.length) ?? 0,
    });
    this.#context = new SwarmContext<T>(this.#world, swarm, this.#mode, definition.coverage);
    this.#target = definition.begin(this.#context);
    this.#context.nodes = swarm.names.map((name) =>
      this.#world.node(name, (environment) => this.#target.boot(environment)),
    );
    this.#context.nemesis = new Nemesis(this.#world, {
      disk: swarm.disk,
      mayRot: (node, path) => this.#target.mayRot?.(node, path) ?? true,
      onStartFailed: (node, error) => {
        if (this.#target.onStartFailed) return this.#target.onStartFailed(node, error);
        throw new Error(`${node.name} could not start`, { cause: error });
      },
      leader: () => this.#target.leader?.(),
    });
  }

  async run(): Promise<TargetResult> {
    let failure: TargetFailure | undefined;
    try {
      await this.#runAll();
    } catch (error) {
      failure = this.#explain(error);
    }
    const { world } = this.#context;
    const result = {
      operations: this.#context.operations,
      faults: world.trace.counts(),
      coverage: this.#context.coverage,
      events: world.events,
      simulatedMs: world.clock.now(),
      traceHash: world.trace.hash,
      plan: this.#plan.map((fault) => ({ number: fault.number, text: describeFault(fault) })),
    };
    await world[Symbol.asyncDispose]();
    return failure ? { ...result, failure } : result;
  }

  async #runAll(): Promise<void> {
    const { nodes, nemesis } = this.#context;
    const { durationMs = 30_000 } = this.#definition;
    await Promise.all(nodes.map((node) => node.start()));
    this.#target.startUsers();
    nemesis.start(this.#plan);
    const endMs = this.#world.clock.now() + durationMs;
    await this.#runChecked(() => this.#world.clock.now() >= endMs, 2 * durationMs);
    const core = this.#healCore();
    this.#context.core = core;
    await this.#runChecked(() => this.#target.isSettled(core), SETTLE_WITHIN_MS);
    this.#target.checkEnd(core);
  }

  async #runChecked(isOver: () => boolean, withinMs: number): Promise<void> {
    const lastMs = this.#world.clock.now() + withinMs;
    while (!isOver()) {
      if (this.#world.clock.now() >= lastMs) {
        const states = this.#context.nodes.map(({ name, state }) => `${name} ${state}`).join(", ");
        const reason = `no progress within ${withinMs} ms: ${states}`;
        throw new SimulationError("not-reached", reason);
      }
      await this.#world.run(CHECK_EVERY_MS);
      this.#target.check();
    }
  }

  /**
   * In safety all that can be is healed; in liveness a random majority, and nobody else. A node whose
   * disk was damaged may find that out at any time, and is counted on by nobody.
   */
  #healCore(): readonly SimulatedNode<T>[] {
    const { nodes, nemesis, random } = this.#context;
    nemesis.stop();
    const { damaged } = this.#world.faultAtlas;
    const whole = nodes.filter((node) => !nemesis.lost.has(node) && !damaged.has(node.name));
    const majority = Math.floor(nodes.length / 2) + 1;
    const isLiveness = this.#mode === "liveness";
    const core = isLiveness ? shuffled(random, whole).slice(0, majority) : whole;
    if (core.length < majority) {
      throw new SimulationError("not-reached", `only ${core.length} nodes are left`);
    }
    if (!isLiveness) this.#world.network.heal();
    nemesis.heal(core);
    return core;
  }

  #explain(error: unknown): TargetFailure {
    const lanes = this.#context.swarm.names;
    return {
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      details: [...this.#describeNodes(), inFull(error)].join("\n"),
      diagram: sequenceDiagram(this.#world.trace.recent(), lanes),
    };
  }

  #describeNodes(): readonly string[] {
    const core = this.#context.core?.map(({ name }) => name);
    return [
      ...(core ? [`the core: ${core.join(", ")}`] : []),
      ...this.#context.nodes.map(({ name, state, instance }) => {
        const described = instance && this.#target.describe?.(instance);
        return `${name} ${state}${described ? `: ${described}` : ""}`;
      }),
    ];
  }
}

function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${inFull(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
