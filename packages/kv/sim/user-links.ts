import { pick, type Random } from "@quorate/runtime";
import type { Simulation } from "@quorate/simulation";

/** Cuts users off from nodes for a while, now and then, both ways or one: answers are what gets lost. */
export class UserLinks {
  readonly #world: Simulation;
  readonly #users: readonly string[];
  readonly #nodes: readonly string[];
  readonly #random: Random;
  #stopped = false;

  constructor(
    world: Simulation,
    users: readonly string[],
    nodes: readonly string[],
    random: Random,
  ) {
    this.#world = world;
    this.#users = users;
    this.#nodes = nodes;
    this.#random = random;
  }

  async trouble(meanGapMs: number): Promise<void> {
    for (;;) {
      await this.#world.sleep(-meanGapMs * Math.log(1 - this.#random.next()));
      if (this.#stopped) return;
      const user = pick(this.#random, this.#users);
      const nodes = this.#random.next() < 0.5 ? this.#nodes : [pick(this.#random, this.#nodes)];
      const cut = pick(this.#random, ["both", "there", "back"] as const);
      const forMs = pick(this.#random, [100, 1_000, 3_000]) * (0.5 + this.#random.next());
      const { network } = this.#world;
      for (const node of nodes) {
        if (cut !== "back") network.block(user, node);
        if (cut !== "there") network.block(node, user);
      }
      this.#world.trace.count("user cut off");
      this.#world.clock.setTimer(forMs, () => {
        for (const node of nodes) {
          network.unblock(user, node);
          network.unblock(node, user);
        }
      });
    }
  }

  /** No more of it: what is cut off now is healed when its time is over. */
  stop(): void {
    this.#stopped = true;
  }
}
