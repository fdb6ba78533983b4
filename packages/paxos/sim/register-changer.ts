import { pick, type Random, shuffled } from "@quorate/runtime";
import type { SwarmContext } from "@quorate/simulation";
import type { RegisterNode } from "../src/register/index.ts";
import type { RegisterCoverage } from "./register-coverage.ts";

/** Longer than it tells the nodes: one that crashed answers never. */
const GIVE_UP_MS = 12_000;
const TIMEOUT_MS = 10_000;

/**
 * Somebody who changes the members now and then, at any node. Where disks are lost, and where only a
 * majority is healed in the end, it does no more than to take nodes in again: else it could leave a
 * cluster whose majority is gone.
 */
export class RegisterChanger {
  readonly #context: SwarmContext<RegisterNode>;
  readonly #random: Random;
  readonly #cover: (name: RegisterCoverage) => void;
  readonly #isFree: boolean;
  readonly #meanGapMs: number;
  #stopped = false;

  constructor(
    context: SwarmContext<RegisterNode>,
    cover: (name: RegisterCoverage) => void,
    meanGapMs: number,
  ) {
    this.#context = context;
    this.#random = context.random.fork("changer");
    this.#cover = cover;
    const losesDisks = context.swarm.plan.some(({ fault }) => fault.kind === "wipe");
    this.#isFree = context.mode === "safety" && !losesDisks;
    this.#meanGapMs = meanGapMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    const { world } = this.#context;
    for (;;) {
      await world.sleep(-this.#meanGapMs * Math.log(1 - this.#random.next()));
      const running = this.#context.running();
      if (this.#stopped) return;
      if (running.length > 0) await this.#change(pick(this.#random, running).instance!);
    }
  }

  async #change(node: RegisterNode): Promise<void> {
    const before = node.status().epoch;
    const changing = node.changeMembers(this.#draw(), { timeoutMs: TIMEOUT_MS });
    const gaveUp = this.#context.world.sleep(GIVE_UP_MS).then(() => undefined);
    const outcome = await Promise.race([changing, gaveUp]);
    if (outcome?.kind !== "committed") return this.#cover("changes of members given up");
    if (node.status().epoch > before) this.#cover("changes of members");
  }

  #draw(): readonly string[] {
    const { names } = this.#context.swarm;
    if (!this.#isFree) return names;
    const most = names.length;
    const count = pick(this.#random, [most, most, most - 1, Math.ceil(most / 2)]);
    return shuffled(this.#random, names).slice(0, count);
  }
}
