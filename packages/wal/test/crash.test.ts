import { FileSystemError, type Random, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { assert, describe, expect, it } from "vitest";
import { openWal, type Wal } from "../src/index.ts";
import { type Call, LogModel, make, stateOf } from "./log-model.ts";

type Ending = "close" | { readonly how: "kill" | "power loss"; readonly atOperation: number };

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
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constant("append" as const) },
    { weight: 4, arbitrary: fc.constant("truncateAfter" as const) },
    { weight: 2, arbitrary: fc.constant("dropBefore" as const) },
    { weight: 1, arbitrary: fc.constant("reset" as const) },
  ),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  lengths: fc.array(fc.oneof(fc.nat(40), fc.constantFrom(0, 500, 1_500)), { maxLength: 5 }),
  awaited: fc.boolean(),
});
const ending = fc.oneof(
  fc.constant<Ending>("close"),
  fc.record({
    how: fc.constantFrom("kill" as const, "power loss" as const),
    atOperation: fc.integer({ min: 1, max: 60 }),
  }),
);
const lives = fc.array(fc.record<Life>({ calls: fc.array(intent, { maxLength: 20 }), ending }), {
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
  #ending: Ending = "close";
  #operations = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#fileSystem.onOperation = ({ path }) => {
      this.#operations++;
      if (this.#ending !== "close" && this.#operations >= this.#ending.atOperation) this.#end();
      if (this.#isDown) throw new FileSystemError("io-error", path, "the machine is down");
    };
  }

  /**
   * A life that is to end at an operation which it does not reach ends after its last call. Resolves
   * to whether it was reached.
   */
  async live({ calls, ending: how }: Life): Promise<boolean> {
    this.#ending = how;
    this.#operations = 0;
    const wal = await this.#open();
    const outcomes: Promise<void>[] = [];
    for (const { awaited, ...chosen } of wal ? calls : []) {
      const outcome = this.#make(wal!, this.#concrete(wal!, chosen));
      outcomes.push(outcome);
      if (awaited) await outcome;
    }
    if (how === "close") {
      await Promise.all(outcomes);
      assert.deepEqual(await stateOf(wal!), this.#model.now);
    }
    const ended = this.#isDown;
    this.#end();
    await wal?.close().catch(() => {});
    await Promise.all(outcomes);
    this.#isDown = false;
    return ended;
  }

  #end(): void {
    if (this.#isDown || this.#ending === "close") return;
    this.#isDown = true;
    if (this.#ending.how === "kill") this.#fileSystem.kill();
    else this.#fileSystem.crash(this.#random.next() < 0.1 ? undefined : this.#random);
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
    const lastIndex = firstIndex + records.length - 1;
    if (!this.#isDown) assert.deepEqual([wal.firstIndex, wal.lastIndex], [firstIndex, lastIndex]);
    switch (kind) {
      case "append":
        return { kind, records: lengths.map((length) => this.#record(length)) };
      case "truncateAfter": // most truncations are short
        return { kind, index: lastIndex - Math.round(records.length * at ** 3) };
      case "dropBefore":
        return { kind, index: firstIndex + Math.round(records.length * at ** 2) };
      case "reset":
        return { kind, nextIndex: Math.round(2 * lastIndex * at) + 3 };
      default:
        return kind satisfies never;
    }
  }

  /** No two records are the same, unless they are empty or very short. */
  #record(length: number): string {
    return `${this.#records++}.`.repeat(Math.ceil(length / 2)).slice(0, length);
  }
}

function intentOf(kind: Call["kind"], at: number, ...lengths: number[]): Intent {
  return { kind, at, lengths, awaited: true };
}

describe("after any crash", () => {
  it("what was acknowledged is there, what was truncated is not, in order and content", async () => {
    const property = fc.asyncProperty(lives, fc.nat(), async (sequence, seed) => {
      const machine = new Machine(seed);
      for (const life of sequence) await machine.live(life);
      await machine.live({ calls: [], ending: "close" });
    });
    await expect(fc.assert(property, { numRuns: 1_000 })).resolves.toBeUndefined();
  }, 120_000);

  it("at every single file operation of a life with every kind of call", async () => {
    const calls = [
      intentOf("append", 0, 10, 0, 700),
      intentOf("append", 0, 900),
      intentOf("truncateAfter", 0.8),
      intentOf("append", 0, 5, 1_500, 5),
      intentOf("append", 0, 1_000),
      intentOf("dropBefore", 0.9),
      intentOf("reset", 0.9),
      intentOf("append", 0, 30),
    ];
    let operations = 0;
    for (const how of ["kill", "power loss"] as const) {
      for (let atOperation = 1, ended = true; ended; atOperation++) {
        for (let seed = 0; seed < 20; seed++) {
          const machine = new Machine(seed);
          ended = await machine.live({ calls, ending: { how, atOperation } });
          await machine.live({ calls, ending: "close" });
          await machine.live({ calls: [], ending: "close" });
        }
        operations++;
      }
    }
    expect(operations).toBeGreaterThan(90);
  });
});
