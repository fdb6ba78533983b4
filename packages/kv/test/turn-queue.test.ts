import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Turn, TurnQueue } from "../src/watch/turn-queue.ts";

const one = fc.nat(7);
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom("add" as const, "delete" as const), one }),
  fc.constant({ kind: "take", one: 0 } as const),
);

describe("TurnQueue", () => {
  it("has each once, and gives all that did not leave: as a set does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const turns = Array.from({ length: 8 }, (_, at) => new Turn(at));
        const queue = new TurnQueue<number>();
        const naive = new Set<number>();
        for (const { kind, one: at } of steps) {
          if (kind === "add") queue.add(turns[at]!);
          if (kind === "delete") queue.delete(turns[at]!);
          if (kind === "add") naive.add(at);
          if (kind === "delete") naive.delete(at);
          if (kind === "take") {
            const taken = queue.take();
            expect(taken === undefined).toBe(naive.size === 0);
            naive.delete(taken!);
          }
          expect(queue.size).toBe(naive.size);
        }
      }),
    );
  });

  it("takes turns in the order in which they came, however many pass and leave", () => {
    const queue = new TurnQueue<number>();
    const turns = Array.from({ length: 20_000 }, (_, at) => new Turn(at));
    for (const turn of turns) queue.add(turn);
    for (const turn of turns) if (turn.of % 3 !== 0) queue.delete(turn);
    const taken: number[] = [];
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      taken.push(next);
      if (next % 2 === 1 && next < 10_000) queue.add(turns[next + 1]!);
    }
    const first = turns.map(({ of }) => of).filter((of) => of % 3 === 0);
    const again = first.filter((of) => of % 2 === 1 && of < 10_000).map((of) => of + 1);
    expect(taken.slice(0, first.length)).toEqual(first);
    expect(taken.slice(first.length)).toEqual(again);
  });
});
