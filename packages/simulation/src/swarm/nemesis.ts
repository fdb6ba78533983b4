import type { Timer } from "@quorate/runtime";
import type { DiskOptions } from "../disk/disk-options.ts";
import type { Way } from "../network/partition.ts";
import type { SimulatedNode } from "../world/simulated-node.ts";
import type { Simulation } from "../world/simulation.ts";
import type { Fault, PlannedFault } from "./fault.ts";

/** What the nemesis must know of the program. */
export interface NemesisOptions {
  /** How the disks behave when nothing is wrong with them. */
  readonly disk: DiskOptions;
  /** In which files bits may rot. */
  readonly mayRot: (node: string, path: string) => boolean;
  /**
   * A node could not start. `retry` tries again later; `leave` lets it stay down for good; anything
   * that is thrown ends the run.
   */
  readonly onStartFailed: (node: SimulatedNode, error: unknown) => "retry" | "leave";
  /** Who leads now, if the program has leaders: for `leader-cut-off`, which does nothing without. */
  readonly leader?: () => string | undefined;
}

const RETRY_START_MS = 1_000;

/** Carries out a plan of faults, and undoes each when its time is over. */
export class Nemesis {
  readonly #world: Simulation;
  readonly #options: NemesisOptions;
  readonly #timers = new Set<Timer>();
  /** How many partitions block each way at present. */
  readonly #blocked = new Map<string, number>();
  readonly #lost = new Set<SimulatedNode>();

  constructor(world: Simulation, options: NemesisOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Nodes that will not come back. */
  get lost(): ReadonlySet<SimulatedNode> {
    return this.#lost;
  }

  start(plan: readonly PlannedFault[]): void {
    for (const { atMs, fault } of plan) this.#after(atMs, () => this.#inflict(fault));
  }

  /** Nothing more goes wrong, and what is wrong stays. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Starts a node that is down, as often as it takes. */
  boot(node: SimulatedNode): void {
    if (node.state !== "down" || this.#lost.has(node)) return;
    node.start().catch((error: unknown) => this.#startFailed(node, error));
  }

  /** Everything is well again among these nodes; the others stay as they are. */
  heal(nodes: readonly SimulatedNode[]): void {
    const { network } = this.#world;
    network.calm(nodes.map(({ name }) => name));
    for (const node of nodes) {
      node.disk.setFaults({});
      node.disk.fill(false);
      node.setClockRate(1);
      node.resume();
      this.boot(node);
    }
  }

  #inflict(fault: Fault): void {
    switch (fault.kind) {
      case "partition":
        return this.#partition(fault.ways, fault.forMs);
      case "leader-cut-off":
        return this.#cutOffLeader(fault);
      case "clog":
        return this.#world.network.clog(...fault.way, fault.forMs);
      case "slow":
        this.#world.network.slow(...fault.way, fault.bytesPerSecond);
        return this.#after(fault.forMs, () => this.#world.network.slow(...fault.way, undefined));
      case "disconnect":
        return this.#world.network.disconnect(...fault.way);
      case "crash":
      case "kill":
      case "pause":
      case "clock-rate":
      case "clock-jump":
      case "disk-full":
      case "disk-errors":
      case "bit-rot":
      case "wipe":
        return this.#inflictOn(this.#node(fault.node), fault);
    }
  }

  #inflictOn(node: SimulatedNode, fault: Extract<Fault, { readonly node: string }>): void {
    const { disk } = node;
    switch (fault.kind) {
      case "crash":
      case "kill":
        if (node.state === "down") return;
        node[fault.kind]();
        return this.#after(fault.forMs, () => this.boot(node));
      case "pause":
        node.pause();
        return this.#after(fault.forMs, () => node.resume());
      case "clock-rate":
        node.setClockRate(fault.rate);
        return this.#after(fault.forMs, () => node.setClockRate(1));
      case "clock-jump":
        return node.jumpWallClock(fault.byMs);
      case "disk-full":
        disk.fill(true);
        return this.#after(fault.forMs, () => disk.fill(false));
      case "disk-errors":
        disk.setFaults({ ...this.#options.disk, ...fault.disk });
        return this.#after(fault.forMs, () => disk.setFaults(this.#options.disk));
      case "bit-rot":
        disk.rot((path) => this.#options.mayRot(node.name, path));
        if (!fault.thenKill || node.state === "down") return undefined;
        node.kill();
        return this.#after(RETRY_START_MS, () => this.boot(node));
      case "wipe":
        // Nobody takes the disk out of a machine that runs.
        if (!this.#world.faultAtlas.mayDamage(node.name)) return undefined;
        node.crash();
        disk.wipe();
        return this.#after(RETRY_START_MS, () => this.boot(node));
    }
  }

  #cutOffLeader({ among, direction, forMs }: Extract<Fault, { kind: "leader-cut-off" }>): void {
    const leader = this.#options.leader?.();
    if (leader === undefined) return;
    const others = among.filter((name) => name !== leader);
    const from: Way[] = direction === "to-leader" ? [] : others.map((other) => [leader, other]);
    const to: Way[] = direction === "from-leader" ? [] : others.map((other) => [other, leader]);
    this.#world.trace.count("leader cut off");
    this.#partition([...from, ...to], forMs);
  }

  #partition(ways: readonly Way[], forMs: number): void {
    for (const way of ways) {
      const name = way.join("→");
      this.#blocked.set(name, (this.#blocked.get(name) ?? 0) + 1);
    }
    this.#world.network.partition(ways);
    this.#after(forMs, () => {
      for (const way of ways) {
        const name = way.join("→");
        const left = (this.#blocked.get(name) ?? 1) - 1;
        this.#blocked.set(name, left);
        if (left === 0) this.#world.network.unblock(...way);
      }
    });
  }

  #startFailed(node: SimulatedNode, error: unknown): void {
    if ((error as { code?: unknown } | undefined)?.code === "crashed") return; // somebody else's turn
    try {
      if (this.#options.onStartFailed(node, error) === "leave") this.#lost.add(node);
      else this.#after(RETRY_START_MS, () => this.boot(node));
    } catch (failure) {
      this.#world.fail(failure);
    }
  }

  #node(name: string): SimulatedNode {
    return this.#world.nodes.find((node) => node.name === name)!;
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#world.clock.setTimer(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }
}
