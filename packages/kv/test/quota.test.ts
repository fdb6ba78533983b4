import { describe, expect, it } from "vitest";
import { KvStateMachine } from "../src/index.ts";
import { put, query, run } from "./machine.ts";

const NO_SPACE = { kind: "refused", code: "no-space" };
const fits = "x".repeat(100);

/** Room for ten versions of `fits` under keys of one byte. */
function small(): KvStateMachine {
  return new KvStateMachine({ quotaBytes: 10 * (64 + 1 + fits.length) });
}

describe("the quota", () => {
  it("no-space: a write that would go above is not done; from then on no write is, until disarmed", () => {
    const machine = small();
    for (let write = 0; write < 10; write++) run(machine, put("a", fits));
    expect(machine.isFull).toBe(false);
    expect(run(machine, put("a", fits))).toEqual(NO_SPACE);
    expect(machine.isFull).toBe(true);
    expect(machine.revision).toBe(11);
    expect(run(machine, put("a", ""))).toEqual(NO_SPACE);
    expect(run(machine, { kind: "grant-lease", lease: 1, ttlSeconds: 5 })).toEqual(NO_SPACE);
  });

  it("reads, deletes, transactions without puts, compaction and revokes go on", () => {
    const machine = small();
    run(machine, { kind: "grant-lease", lease: 1, ttlSeconds: 5 });
    for (let write = 0; write < 11; write++) run(machine, put(`${write}`, fits));
    expect(machine.isFull).toBe(true);
    expect(query(machine, { kind: "range", key: "1" })).toMatchObject({ count: 1 });
    expect(run(machine, { kind: "delete", key: "1" })).toMatchObject({ deleted: 1 });
    const reads = { kind: "transaction", compares: [], success: [], failure: [] } as const;
    expect(run(machine, reads)).toMatchObject({ succeeded: true });
    expect(run(machine, { ...reads, failure: [put("b")] })).toEqual(NO_SPACE);
    expect(run(machine, { kind: "revoke-lease", lease: 1 })).toMatchObject({ deleted: 0 });
    expect(run(machine, { kind: "compact", revision: 3 })).toMatchObject({ kind: "compact" });
  });

  it("writes go on once it was compacted and disarmed", () => {
    const machine = small();
    for (let write = 0; write < 11; write++) run(machine, put("a", fits));
    run(machine, { kind: "compact", revision: machine.revision });
    expect(run(machine, put("a", fits))).toEqual(NO_SPACE);
    expect(run(machine, { kind: "disarm" })).toMatchObject({ disarmed: true });
    expect(run(machine, { kind: "disarm" })).toMatchObject({ disarmed: false });
    expect(run(machine, put("a", fits))).toMatchObject({ kind: "put" });
  });

  it("a snapshot carries it", async () => {
    const machine = small();
    for (let write = 0; write < 11; write++) run(machine, put("a", fits));
    const copy = small();
    await copy.restore(machine.snapshot());
    expect(copy.isFull).toBe(true);
    expect(copy.hash()).toBe(machine.hash());
  });

  it.each([{ quotaBytes: 0 }, { keepRevisions: -1 }, { minLeaseTtlSeconds: 0.5 }])(
    "refuses %j as an option",
    (options) => {
      expect(() => new KvStateMachine(options)).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    },
  );
});
