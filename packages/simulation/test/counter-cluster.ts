import { pick } from "@quorate/runtime";
import {
  type NodeEnvironment,
  type SimulatedNode,
  type SimulationTarget,
  type SwarmContext,
  type SwarmRun,
  swarmTarget,
} from "../src/index.ts";

/** One member of a replicated counter whose first node leads for ever. */
export interface CounterNode {
  readonly value: () => number;
  /** Resolves to the new value once it is counted. */
  readonly increment: () => Promise<number>;
}

const EMPTY = new Uint8Array(0);

/**
 * A toy: the leader writes its count to its disk and copies it to all others. `acknowledge` says
 * when an increment is called done; "before replication" is the bug that is planted.
 */
export function counterTarget(
  acknowledge: "after replication" | "before replication",
): SimulationTarget {
  return swarmTarget<CounterNode>({
    name: "counter",
    coverage: ["increments", "takeovers"],
    clusterSizes: [3],
    durationMs: 10_000,
    faults: ["partition", "crash", "pause"],
    begin: (context) => new CounterRun(context, acknowledge),
  });
}

class CounterRun implements SwarmRun<CounterNode> {
  readonly #context: SwarmContext<CounterNode>;
  readonly #acknowledge: "after replication" | "before replication";
  #acknowledged = 0;

  constructor(
    context: SwarmContext<CounterNode>,
    acknowledge: "after replication" | "before replication",
  ) {
    this.#context = context;
    this.#acknowledge = acknowledge;
  }

  async boot({ name, transport, fileSystem }: NodeEnvironment): Promise<CounterNode> {
    const file = await fileSystem.open("/count").catch(async () => {
      const made = await fileSystem.open("/count", { create: "new" });
      await fileSystem.syncDirectory("");
      return made;
    });
    const found = new Uint8Array(4);
    await file.read(found, 0);
    let value = new DataView(found.buffer).getUint32(0);
    const keep = async (count: number): Promise<void> => {
      if (count <= value) return;
      value = count;
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, count);
      await file.writeDurably(bytes, 0);
    };
    transport.onRequest("keep", async (_, message) => {
      await keep(new DataView(message.buffer, message.byteOffset).getUint32(0));
      return EMPTY;
    });
    await transport.start();
    const others = this.#context.swarm.names.filter((other) => other !== name);
    const increment = async (): Promise<number> => {
      const count = value + 1;
      const message = new Uint8Array(4);
      new DataView(message.buffer).setUint32(0, count);
      await keep(count);
      const copies = others.map((to) => transport.request(to, "keep", message));
      if (this.#acknowledge === "after replication") await Promise.all(copies);
      else for (const copy of copies) copy.catch(() => {});
      return count;
    };
    return { value: () => value, increment };
  }

  startUsers(): void {
    void this.#increment();
  }

  check(): void {}

  isSettled(core: readonly SimulatedNode<CounterNode>[]): boolean {
    return core.every(({ state }) => state === "running");
  }

  /** The leader is gone for good: whoever takes over must have all that was acknowledged. */
  checkEnd(core: readonly SimulatedNode<CounterNode>[]): void {
    this.#context.cover("takeovers");
    const { random } = this.#context;
    const heirs = core.filter(({ name }) => name !== "n1");
    const heir = pick(random, heirs);
    const value = heir.instance!.value();
    if (value >= this.#acknowledged) return;
    throw new Error(`${heir.name} counted ${value}, and ${this.#acknowledged} was acknowledged`);
  }

  async #increment(): Promise<never> {
    const { world, nodes } = this.#context;
    for (;;) {
      await world.sleep(20);
      const [leader] = nodes;
      if (leader?.state !== "running" || this.#context.core) continue;
      // A leader that crashes answers never.
      const gaveUp = world.sleep(1_000).then(() => undefined);
      const answer = leader.instance!.increment().catch(() => undefined);
      const value = await Promise.race([answer, gaveUp]);
      if (value === undefined) continue;
      this.#acknowledged = Math.max(this.#acknowledged, value);
      this.#context.operations++;
      this.#context.cover("increments");
    }
  }
}
