import type { Clock, Random } from "@quorate/runtime";
import type { Outcome, ReadResult, ReplicatedLog } from "@quorate/replication";
import { JournalMachine } from "../src/cluster/index.ts";

/**
 * A replicated log as its users see it from their machines, without the replicas: what is proposed is
 * in the log some time later, or never; who proposed it may not be told.
 */
export class ModelledLog {
  readonly machine: JournalMachine = new JournalMachine();
  readonly #world: Clock;
  readonly #random: Random;
  readonly #mayFail: () => boolean;
  #index = 0;

  constructor(world: Clock, random: Random, mayFail: () => boolean) {
    this.#world = world;
    this.#random = random;
    this.#mayFail = mayFail;
  }

  /** As one machine sees it. */
  on(clock: Clock): Pick<ReplicatedLog<JournalMachine>, "propose" | "read"> {
    return {
      propose: (command) => this.#propose(clock, command),
      read: (query) => this.#read(clock, query),
    };
  }

  #propose(clock: Clock, command: Uint8Array): Promise<Outcome> {
    const drawn = this.#mayFail() ? this.#random.next() : 1;
    const afterMs = 2 + (drawn < 0.1 ? 1_000 : 20) * this.#random.next();
    if (drawn < 0.03) return this.#tell(clock, 2, { kind: "rejected", reason: "overloaded" });
    let outcome: Outcome = { kind: "unknown", reason: "timeout" };
    if (drawn < 0.05) return this.#tell(clock, 3 * afterMs, outcome);
    this.#world.setTimer(afterMs, () => {
      const index = ++this.#index;
      const [result] = this.machine.apply([{ index, command }]);
      if (drawn >= 0.07) outcome = { kind: "committed", index, result: result! };
    });
    return new Promise((resolve) => {
      clock.setTimer(2 * afterMs + 2, () => resolve(outcome));
    });
  }

  #read<A>(clock: Clock, query: (machine: JournalMachine) => A): Promise<ReadResult<A>> {
    return new Promise((resolve) => {
      clock.setTimer(5, () => resolve({ index: this.#index, value: query(this.machine) }));
    });
  }

  #tell(clock: Clock, afterMs: number, outcome: Outcome): Promise<Outcome> {
    return new Promise((resolve) => {
      clock.setTimer(afterMs, () => resolve(outcome));
    });
  }
}
