import { integerBetween, type Random } from "@quorate/runtime";
import { isOfTheDisk } from "@quorate/simulation";
import { WalError, type Wal } from "../src/index.ts";
import { type Call, type LogModel, make } from "../test/log-model.ts";
import type { WalCoverage } from "./wal-coverage.ts";

const KINDS = ["append", "truncateAfter", "dropBefore", "reset"] as const;
const WEIGHTS = [14, 3, 2, 1];

/** What one process does with the log that it has open: random calls, noted in the model. */
export class WalLife {
  readonly #wal: Wal;
  readonly #model: LogModel;
  readonly #random: Random;
  readonly #name: string;
  readonly #cover: (what: WalCoverage) => void;
  readonly #outcomes: Promise<void>[] = [];
  #records = 0;
  /** The log takes no more calls. */
  hasFailed: boolean = false;
  /** Calls that were acknowledged. */
  acknowledged: number = 0;

  constructor(
    wal: Wal,
    model: LogModel,
    random: Random,
    { name, cover }: { readonly name: string; readonly cover: (what: WalCoverage) => void },
  ) {
    this.#wal = wal;
    this.#model = model;
    this.#random = random;
    this.#name = name;
    this.#cover = cover;
  }

  /** Makes `calls` calls, of which some are awaited; resolves when all have settled. */
  async work(calls: number): Promise<void> {
    for (let number = 0; number < calls && !this.hasFailed; number++) {
      const outcome = this.#make(this.#draw());
      outcome.catch(() => {}); // `work` rejects with it in the end
      this.#outcomes.push(outcome);
      if (this.#random.next() < 0.5) await outcome;
    }
    await Promise.all(this.#outcomes);
  }

  async #make(call: Call): Promise<void> {
    const before = this.#wal.lastIndex;
    const promise = make(this.#wal, call);
    const wasTaken = call.kind !== "append" || this.#wal.lastIndex !== before;
    const state = wasTaken ? this.#model.call(call) : undefined;
    try {
      await promise;
      if (state !== undefined) this.#model.acknowledge(state);
      this.acknowledged++;
      if (call.kind === "truncateAfter") this.#cover("truncations");
      if (call.kind === "dropBefore") this.#cover("records dropped");
      if (call.kind === "reset") this.#cover("resets");
    } catch (error) {
      this.#refused(error, wasTaken);
    }
  }

  #refused(error: unknown, wasTaken: boolean): void {
    const { code } = error as { readonly code?: unknown };
    if (!wasTaken && (code === "overloaded" || code === "too-large")) {
      return this.#cover("refused appends");
    }
    if (!(error instanceof WalError && error.code === "failed" && isOfTheDisk(error))) throw error;
    if (!this.hasFailed) this.#cover("failed logs");
    this.hasFailed = true;
  }

  #draw(): Call {
    const { firstIndex, lastIndex } = this.#wal;
    const at = this.#random.next();
    const count = lastIndex - firstIndex + 1;
    switch (this.#kind()) {
      case "append":
        return { kind: "append", records: this.#drawRecords() };
      case "truncateAfter": // most truncations are short
        return { kind: "truncateAfter", index: lastIndex - Math.round(count * at ** 3) };
      case "dropBefore":
        return { kind: "dropBefore", index: firstIndex + Math.round(count * at ** 2) };
      case "reset":
        return { kind: "reset", nextIndex: Math.round(2 * lastIndex * at) + 3 };
    }
  }

  #kind(): Call["kind"] {
    let left = integerBetween(this.#random, 0, WEIGHTS.reduce((sum, each) => sum + each) - 1);
    return KINDS[WEIGHTS.findIndex((weight) => (left -= weight) < 0)]!;
  }

  #drawRecords(): string[] {
    return Array.from({ length: integerBetween(this.#random, 0, 5) }, () => {
      const longest = this.#random.next() < 0.2 ? 1_500 : 40;
      const length = integerBetween(this.#random, 0, longest);
      // No two are the same, unless they are very short.
      const text = `${this.#name}.${this.#records++}.`;
      return text.repeat(Math.ceil(length / text.length)).slice(0, length);
    });
  }
}
