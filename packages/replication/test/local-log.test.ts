import { describe, expect, it } from "vitest";
import { LocalLog, type StateMachine } from "../src/index.ts";

/** Answers each command with how many it was given so far. */
class Counter implements StateMachine {
  count = 0;

  apply(entries: readonly unknown[]): Uint8Array[] {
    return entries.map(() => Uint8Array.of(++this.count));
  }

  async *snapshot(): AsyncIterable<Uint8Array> {}

  async restore(): Promise<void> {}
}

const COMMAND = Uint8Array.of(7);

describe("a local log", () => {
  it("applies commands at once, in the order of the calls", async () => {
    const log = new LocalLog(new Counter());
    const outcomes = await Promise.all([log.propose(COMMAND), log.propose(COMMAND)]);
    expect(outcomes).toEqual([
      { kind: "committed", index: 1, result: Uint8Array.of(1) },
      { kind: "committed", index: 2, result: Uint8Array.of(2) },
    ]);
    expect(await log.read(({ count }) => count)).toEqual({ index: 2, value: 2 });
    expect(log.status()).toMatchObject({ role: "leader", leader: "local", appliedIndex: 2 });
    expect(log.explain()).toEqual([]);
  });

  it("applies a command of a session once, however often it is proposed", async () => {
    const log = new LocalLog(new Counter());
    const opened = await log.openSession();
    const sessionId = opened.kind === "committed" ? opened.result : 0;
    const session = { sessionId, sequence: 1, answeredBelow: 1 };
    const first = await log.propose(COMMAND, { session });
    expect(await log.propose(COMMAND, { session })).toEqual({ ...first, index: 3 });
    expect(log.machine.count).toBe(1);
  });

  it("leads from the beginning: no listener is told of a leader", () => {
    const told: unknown[] = [];
    const log = new LocalLog(new Counter(), { nodeId: "n1" });
    log.onLeader((leader) => told.push(leader))();
    expect(log.status().voters).toEqual(["n1"]);
    expect(told).toEqual([]);
  });

  it("refuses what comes after `stop`, and what was aborted before", async () => {
    const log = new LocalLog(new Counter());
    const reason = new Error("enough");
    await expect(log.propose(COMMAND, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    log.stop();
    expect(await log.propose(COMMAND)).toEqual({ kind: "rejected", reason: "stopped" });
    await expect(log.read(() => 0)).rejects.toMatchObject({ code: "stopped" });
    expect(log.status()).toMatchObject({ role: "stopped", leader: undefined });
    expect(log.explain()).toEqual(["the log was stopped"]);
  });
});
