import { describe, expect, it } from "vitest";
import { Ledger } from "../src/compliance/index.ts";
import { Applier } from "../src/driver/applier.ts";
import { createEntry } from "../src/driver/entry.ts";
import { SessionedStateMachine } from "../src/sessioned-state-machine.ts";

const noop = createEntry(1, "noop");

function applier(): { readonly applier: Applier; readonly restored: number[] } {
  const restored: number[] = [];
  const made = new Applier(
    new SessionedStateMachine(new Ledger()),
    { index: 10, term: 1 },
    {
      applied: () => {},
      restored: ({ index }) => void restored.push(index),
      caughtUp: () => {},
    },
  );
  return { applier: made, restored };
}

const state = (): AsyncIterable<Uint8Array> => new SessionedStateMachine(new Ledger()).snapshot();

describe("the applier", () => {
  it("lets entries wait until all restores that have begun are over", async () => {
    const { applier: of, restored } = applier();
    of.restoreBegins();
    of.restoreBegins();
    of.apply(31, [noop]);
    await of.restore({ index: 20, term: 1 }, state());
    expect(of.last.index).toBe(20);
    await of.restore({ index: 30, term: 1 }, state());
    expect(of.last.index).toBe(31);
    expect(restored).toEqual([20, 30]);
  });

  it("goes on when a restore that had begun is not needed any more", async () => {
    const { applier: of } = applier();
    of.restoreBegins();
    of.restoreBegins();
    await of.restore({ index: 30, term: 1 }, state());
    of.apply(31, [noop]);
    of.restoreEnds();
    expect(of.last.index).toBe(31);
  });

  it("refuses entries that do not follow what it has: a state with a hole would be another one", () => {
    const { applier: of } = applier();
    expect(() => of.apply(12, [noop])).toThrow("entry 12 would be applied after 10");
    of.apply(10, [noop, noop]);
    expect(of.last.index).toBe(11);
  });
});
