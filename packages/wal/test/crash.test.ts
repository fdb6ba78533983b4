import { FileSystemError, integerBetween, type Random, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, it } from "vitest";
import { openWal, type Wal } from "../src/index.ts";
import { type Call, LogModel, make, stateOf } from "./log-model.ts";

type Ending = "close" | "kill" | "power loss" | { readonly powerLossAtOperation: number };

/** What one process does with the log before it ends. */
interface Life {
  readonly calls: readonly Intent[];
  readonly ending: Ending;
}

/** A call whose indices are chosen, by `at` of 0 to 1, when it is made. */
interface Intent {
  readonly kind: Call["kind"];
  readonly at: number;
  readonly lengths: readonly number[];
  readonly awaited: boolean;
}

const intent = fc.record<Intent>({
  kind: fc.constantFrom("append", "append", "append", "truncateAfter", "dropBefore", "reset"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  lengths: fc.array(fc.oneof(fc.nat(40), fc.constantFrom(0, 500, 1_500)), { maxLength: 5 }),
  awaited: fc.boolean(),
});
const ending = fc.oneof(
  fc.constantFrom<Ending>("close", "kill", "power loss"),
  fc.record({ powerLossAtOperation: fc.integer({ min: 1, max: 40 }) }),
);
const lives = fc.array(fc.record<Life>({ calls: fc.array(intent, { maxLength: 12 }), ending }), {
  minLength: 1,
  maxLength: 6,
});

/** One machine, on which one process after the other opens the log. */
class Machine {
  readonly #fileSystem = new MemoryFileSystem();
  readonly #random: Random;
  readonly #model = new LogModel();
  #records = 0;
  #isDown = false;
  #operationsLeft = Infinity;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#fileSystem.onOperation = ({ path }) => {
      if (!this.#isDown && --this.#operationsLeft <= 0) this.#losePower();
      if (this.#isDown) throw new FileSystemError("io-error", path, "the machine is down");
    };
  }

  async live({ calls, ending: how }: Life): Promise<void> {
    if (typeof how === "object") this.#operationsLeft = how.powerLossAtOperation;
    const wal = await this.#open();
    const outcomes: Promise<void>[] = [];
    if (wal) {
      for (const { awaited, ...chosen } of calls) {
        const outcome = this.#make(wal, this.#concrete(wal, chosen));
        outcomes.push(outcome);
        if (awaited) await outcome;
      }
    }
    if (how === "close") await Promise.all(outcomes);
    else this.#end(how === "kill");
    await wal?.close().catch(() => {});
    await Promise.all(outcomes);
    this.#operationsLeft = Infinity;
    this.#isDown = false;
  }

  #end(isKill: boolean): void {
    if (this.#isDown) return;
    if (isKill) {
      this.#fileSystem.kill();
      this.#isDown = true;
    } else this.#losePower();
  }

  #losePower(): void {
    this.#isDown = true;
    this.#fileSystem.crash(this.#random.next() < 0.1 ? undefined : this.#random);
  }

  /** Opens the log and checks what it holds; `undefined` when power is lost meanwhile. */
  async #open(): Promise<Wal | undefined> {
    try {
      const wal = await openWal(
        { directory: "/log", segmentBytes: 2_048 },
        { fileSystem: this.#fileSystem, random: this.#random },
      );
      const found = await stateOf(wal);
      this.#model.restart(found);
      return wal;
    } catch (error) {
      if (this.#isDown) return undefined;
      throw error;
    }
  }

  async #make(wal: Wal, call: Call): Promise<void> {
    const state = this.#model.call(call);
    try {
      await make(wal, call);
      this.#model.acknowledge(state);
    } catch (error) {
      if (!this.#isDown) throw error;
    }
  }

  #concrete(wal: Wal, { kind, at, lengths }: Omit<Intent, "awaited">): Call {
    const { firstIndex, records } = this.#model.now;
    const random = { next: () => at * 0.999, fork: () => this.#random };
    const lastIndex = firstIndex + records.length - 1;
    if (!this.#isDown && (wal.firstIndex !== firstIndex || wal.lastIndex !== lastIndex)) {
      throw new Error(`the log is ${wal.firstIndex} to ${wal.lastIndex}, not ${lastIndex}`);
    }
    switch (kind) {
      case "append":
        return { kind, records: lengths.map((length) => this.#record(length)) };
      case "truncateAfter":
        return { kind, index: integerBetween(random, firstIndex - 1, lastIndex) };
      case "dropBefore":
        return { kind, index: integerBetween(random, firstIndex, lastIndex + 1) };
      case "reset":
        return { kind, nextIndex: integerBetween(random, 0, 2 * lastIndex + 5) };
    }
  }

  /** No two records are the same, unless they are empty or very short. */
  #record(length: number): string {
    return `${this.#records++}.`.repeat(Math.ceil(length / 2)).slice(0, length);
  }
}

describe("after any crash", () => {
  it("what was acknowledged is there, what was truncated is not, in order and content", async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.nat(), async (sequence, seed) => {
        const machine = new Machine(seed);
        for (const life of sequence) await machine.live(life);
        await machine.live({ calls: [], ending: "close" });
      }),
      { numRuns: 1_000 },
    );
  }, 120_000);
});
