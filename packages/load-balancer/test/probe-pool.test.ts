import fc from "fast-check";
import { expect, it } from "vitest";
import { ProbePool } from "../src/core/probe-pool.ts";

const SIZE = 5;
const MAX_AGE_MS = 10;
const SLOTS = 6;

interface Answer {
  readonly slot: number;
  readonly atMs: number;
  readonly latencyMs: number;
  inFlight: number;
  uses: number;
}

/** The pool in an array, the oldest first, sorted anew for each question. */
class NaivePool {
  answers: Answer[] = [];

  add(slot: number, atMs: number, inFlight: number, latencyMs: number): void {
    this.answers.push({ slot, atMs, inFlight, latencyMs, uses: 0 });
    if (this.answers.length > SIZE) this.answers.shift();
  }

  choose(hotAbove: number, aversion: Float64Array, isCandidate: Uint8Array): Answer | undefined {
    if (this.answers.length < 2) return undefined;
    const ranked = this.answers
      .filter(({ slot }) => isCandidate[slot] === 1)
      .map((answer) => {
        const factor = aversion[answer.slot] as number;
        const cold = answer.inFlight <= hotAbove && factor < 2;
        return { answer, cold, cost: (cold ? answer.latencyMs : answer.inFlight + 1) * factor };
      });
    // Sorting is stable, so the oldest of equals stays the first.
    return ranked.sort((a, b) => Number(b.cold) - Number(a.cold) || a.cost - b.cost)[0]?.answer;
  }

  use(answer: Answer, mostUses: number): void {
    answer.inFlight++;
    if (++answer.uses >= mostUses) this.#remove(answer);
  }

  removeOne(oldest: boolean, hotAbove: number): void {
    const badness = ({ inFlight, latencyMs }: Answer): number =>
      inFlight > hotAbove ? 1e6 + inFlight : latencyMs;
    const [worst] = this.answers.toSorted((a, b) => badness(b) - badness(a));
    this.#remove(oldest ? this.answers[0] : worst);
  }

  #remove(gone: Answer | undefined): void {
    this.answers = this.answers.filter((answer) => answer !== gone);
  }
}

const small = fc.integer({ min: 0, max: 4 });
const slots = fc.integer({ min: 0, max: SLOTS - 1 });
const operation = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), slot: slots, inFlight: small, latencyMs: small }),
  fc.record({ kind: fc.constant("wait" as const), ms: small }),
  fc.record({ kind: fc.constant("forget" as const), slot: slots }),
  fc.record({ kind: fc.constant("remove" as const), oldest: fc.boolean(), hotAbove: small }),
  fc.record({
    kind: fc.constant("use" as const),
    hotAbove: small,
    averse: slots,
    excluded: slots,
    mostUses: fc.integer({ min: 1, max: 3 }),
  }),
);

it("chooses, uses, expires and removes as an array that is sorted anew each time", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const pool = new ProbePool(SIZE, MAX_AGE_MS);
      const naive = new NaivePool();
      let nowMs = 0;
      for (const step of operations) {
        if (step.kind === "add") {
          pool.add(step.slot, nowMs, step.inFlight, step.latencyMs + 1);
          naive.add(step.slot, nowMs, step.inFlight, step.latencyMs + 1);
        } else if (step.kind === "wait") {
          nowMs += step.ms;
          pool.expire(nowMs);
          naive.answers = naive.answers.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS);
        } else if (step.kind === "forget") {
          pool.forget(step.slot);
          naive.answers = naive.answers.filter(({ slot }) => slot !== step.slot);
        } else if (step.kind === "remove") {
          pool.removeOne(step.oldest, step.hotAbove);
          naive.removeOne(step.oldest, step.hotAbove);
        } else {
          const aversion = new Float64Array(SLOTS).fill(1);
          aversion[step.averse] = 3;
          const isCandidate = new Uint8Array(SLOTS).fill(1);
          isCandidate[step.excluded] = 0;
          const entry = pool.choose(step.hotAbove, aversion, isCandidate);
          const expected = naive.choose(step.hotAbove, aversion, isCandidate);
          expect(entry < 0 ? undefined : pool.slotAt(entry)).toBe(expected?.slot);
          if (expected !== undefined) {
            pool.use(entry, step.mostUses);
            naive.use(expected, step.mostUses);
          }
        }
        expect(pool.size).toBe(naive.answers.length);
      }
    }),
    { numRuns: 500 },
  );
});
