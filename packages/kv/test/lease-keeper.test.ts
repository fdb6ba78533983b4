import type { Outcome, ReplicatedLog, ReplicationStatus } from "@quorate/replication";
import { ReplicationError } from "@quorate/replication";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { encodeCommand, KvStateMachine, LeaseKeeper } from "../src/index.ts";
import { query, run } from "./machine.ts";

/** One node's log, of which the test says whether it leads and whether it can reach the others. */
class OneLog implements ReplicatedLog<KvStateMachine> {
  readonly machine: KvStateMachine = new KvStateMachine();
  readonly #listeners = new Set<(leader: string | undefined, term: number) => void>();
  #leader: string | undefined = "me";
  isCutOff = false;
  proposed = 0;
  #index = 0;

  lead(leader: string | undefined): void {
    this.#leader = leader;
    for (const listener of this.#listeners) listener(leader, 1);
  }

  async propose(command: Uint8Array): Promise<Outcome> {
    this.proposed++;
    if (this.isCutOff) return { kind: "unknown", reason: "timeout" };
    const [result] = this.machine.apply([{ index: ++this.#index, command }]);
    return { kind: "committed", index: this.#index, result: result! };
  }

  async openSession(): Promise<Outcome<number>> {
    return { kind: "rejected", reason: "stopped" };
  }

  async read<A>(ask: (state: KvStateMachine) => A): Promise<{ index: number; value: A }> {
    if (this.isCutOff) throw new ReplicationError("unavailable", "cut off");
    return { index: this.#index, value: ask(this.machine) };
  }

  status(): ReplicationStatus {
    const role = this.#leader === "me" ? "leader" : "follower";
    return { nodeId: "me", role, leader: this.#leader } as ReplicationStatus;
  }

  explain(): string[] {
    return [];
  }

  onLeader(listener: (leader: string | undefined, term: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function started(): { log: OneLog; clock: VirtualClock; keeper: LeaseKeeper } {
  const log = new OneLog();
  const clock = new VirtualClock();
  run(log.machine, { kind: "grant-lease", lease: 1, ttlSeconds: 5 });
  run(log.machine, { kind: "put", key: "a", value: "", lease: 1 });
  return { log, clock, keeper: new LeaseKeeper(log, log.machine, { clock }) };
}

function exists(log: OneLog, key: string): boolean {
  const result = query(log.machine, { kind: "range", key });
  return result.kind === "range" && result.count === 1;
}

describe("LeaseKeeper", () => {
  it("the leader revokes through the log what falls due, with its keys", async () => {
    const { log, clock, keeper } = started();
    await clock.advance(4_999);
    expect(exists(log, "a")).toBe(true);
    await clock.advance(1);
    expect(exists(log, "a")).toBe(false);
    expect(keeper.timeToLive(1)).toBeUndefined();
    keeper.stop();
  });

  it("keep-alives keep it, and do not go through the log", async () => {
    const { log, clock, keeper } = started();
    for (let round = 0; round < 10; round++) {
      await clock.advance(4_000);
      expect(await keeper.keepAlive(1)).toEqual({ kind: "renewed", ttlSeconds: 5 });
    }
    expect(log.proposed).toBe(0);
    expect(keeper.timeToLive(1)).toMatchObject({ ttlSeconds: 5, remainingMs: 5_000 });
    expect(await keeper.keepAlive(2)).toEqual({ kind: "lease-not-found" });
    keeper.stop();
  });

  it("a follower counts nothing; a new leader counts the full time", async () => {
    const { log, clock, keeper } = started();
    await clock.advance(4_000);
    log.lead("other");
    expect(await keeper.keepAlive(1)).toEqual({ kind: "not-leader", leader: "other" });
    expect(keeper.timeToLive(1)).toMatchObject({ remainingMs: undefined });
    await clock.advance(60_000);
    expect(exists(log, "a")).toBe(true);
    log.lead("me");
    await clock.advance(4_999);
    expect(exists(log, "a")).toBe(true);
    await clock.advance(1);
    expect(exists(log, "a")).toBe(false);
    keeper.stop();
  });

  it("a leader that cannot show that it leads promises no time", async () => {
    const { log, keeper } = started();
    log.isCutOff = true;
    expect(await keeper.keepAlive(1)).toEqual({ kind: "not-leader", leader: undefined });
    keeper.stop();
  });

  it("what fell due and is not yet revoked is neither renewed nor called gone; the revoke is tried again", async () => {
    const { log, clock, keeper } = started();
    const read = log.read.bind(log);
    log.isCutOff = true;
    log.read = async (ask) => ({ index: 0, value: ask(log.machine) });
    await clock.advance(5_000);
    let outcome: unknown;
    void keeper.keepAlive(1).then((is) => (outcome = is));
    await clock.advance(2_000);
    expect(outcome).toBeUndefined();
    expect(log.proposed).toBe(1);
    log.isCutOff = false;
    log.read = read;
    await clock.advance(1_000);
    expect(outcome).toEqual({ kind: "lease-not-found" });
    keeper.stop();
  });

  it("many leases that fall due at once are revoked, a bounded number at a time", async () => {
    const { log, clock, keeper } = started();
    for (let lease = 2; lease <= 1_000; lease++) {
      const command = encodeCommand({ kind: "grant-lease", lease, ttlSeconds: 5 });
      log.machine.apply([{ index: lease, command }]);
    }
    await clock.advance(5_100);
    expect(log.machine.leases()).toEqual([]);
    expect(log.proposed).toBe(1_000);
    keeper.stop();
  });
});
