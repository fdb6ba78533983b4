import { describe, expect, it } from "vitest";
import {
  type Command,
  type CommandResult,
  KvStateMachine,
  MAX_LEASE_TTL_SECONDS,
} from "../src/index.ts";
import { put, query, run } from "./machine.ts";

function grant(lease: number, ttlSeconds = 10): Command {
  return { kind: "grant-lease", lease, ttlSeconds };
}

function revoke(lease: number): Command {
  return { kind: "revoke-lease", lease };
}

function held(key: string, lease: number, value = "v"): Command {
  return { kind: "put", key, value, lease };
}

function leaseOf(machine: KvStateMachine, key: string): number {
  const result = query(machine, { kind: "range", key });
  if (result.kind !== "range") throw new Error("no range");
  return result.kvs[0]!.lease;
}

function keysOf(machine: KvStateMachine, lease: number): string[] | undefined {
  return machine.lease(lease)?.keys.map((key) => Buffer.from(key).toString());
}

function refused(code: string): CommandResult {
  return { kind: "refused", code } as CommandResult;
}

describe("leases", () => {
  it("grant: as asked, at least the least, no id twice, no time that is too long; takes no revision", () => {
    const machine = new KvStateMachine();
    expect(run(machine, grant(7, 60))).toEqual({
      kind: "grant-lease",
      revision: 1,
      lease: 7,
      ttlSeconds: 60,
    });
    expect(run(machine, grant(8, 0))).toMatchObject({ ttlSeconds: 2 });
    expect(run(machine, grant(7))).toEqual(refused("lease-exists"));
    expect(run(machine, grant(9, MAX_LEASE_TTL_SECONDS))).toMatchObject({ lease: 9 });
    expect(run(machine, grant(10, MAX_LEASE_TTL_SECONDS + 1))).toEqual(
      refused("lease-ttl-too-large"),
    );
    expect(machine.leases()).toEqual([
      { id: 7, ttlSeconds: 60 },
      { id: 8, ttlSeconds: 2 },
      { id: 9, ttlSeconds: MAX_LEASE_TTL_SECONDS },
    ]);
    expect(machine.revision).toBe(1);
  });

  it("grant without an id draws one that is free, the same on every replica", () => {
    const [one, other] = [new KvStateMachine(), new KvStateMachine()];
    const drawn = Array.from({ length: 100 }, () => {
      const result = run(one, grant(0));
      expect(run(other, grant(0))).toEqual(result);
      return result.kind === "grant-lease" ? result.lease : 0;
    });
    expect(new Set(drawn).size).toBe(100);
    for (const id of drawn) expect(Number.isSafeInteger(id) && id > 0).toBe(true);
  });

  it("a put attaches its key, moves it from another lease, and without one detaches it", () => {
    const machine = new KvStateMachine();
    for (const command of [grant(1), grant(2), held("b", 1), held("a", 1)]) run(machine, command);
    expect(keysOf(machine, 1)).toEqual(["a", "b"]);
    run(machine, held("a", 2));
    expect([keysOf(machine, 1), keysOf(machine, 2)]).toEqual([["b"], ["a"]]);
    run(machine, put("a"));
    expect(keysOf(machine, 2)).toEqual([]);
    run(machine, { kind: "delete", key: "b" });
    expect(keysOf(machine, 1)).toEqual([]);
    run(machine, put("b"));
    expect(leaseOf(machine, "b")).toBe(0);
  });

  it("revoke deletes its keys in one revision; without keys it takes none", () => {
    const machine = new KvStateMachine();
    for (const command of [grant(1), grant(2), held("b", 1), held("a", 1), held("c", 2)]) {
      run(machine, command);
    }
    expect(run(machine, revoke(1))).toEqual({ kind: "revoke-lease", revision: 5, deleted: 2 });
    expect(query(machine, { kind: "range", key: "a", rangeEnd: "z" })).toMatchObject({
      kvs: [{ key: "c" }],
    });
    expect(run(machine, revoke(1))).toEqual(refused("lease-not-found"));
    run(machine, { kind: "delete", key: "c" });
    expect(run(machine, revoke(2))).toMatchObject({ revision: 6, deleted: 0 });
    expect(machine.leases()).toEqual([]);
  });

  it("a put with a lease that is not there is refused, in a transaction too, and nothing is done", () => {
    const machine = new KvStateMachine();
    const success = [put("a"), held("b", 5)] as never;
    const transaction: Command = { kind: "transaction", compares: [], success, failure: [] };
    for (const command of [held("a", 5), transaction]) {
      expect(run(machine, command)).toEqual(refused("lease-not-found"));
    }
    expect(machine.revision).toBe(1);
  });

  it("ignoreValue and ignoreLease keep what the key has, and refuse a key that is not there", () => {
    const machine = new KvStateMachine();
    for (const command of [grant(1), grant(2), held("a", 1, "kept")]) run(machine, command);
    run(machine, { kind: "put", key: "a", value: "", lease: 2, ignoreValue: true });
    expect(query(machine, { kind: "range", key: "a" })).toMatchObject({
      kvs: [{ value: "kept", lease: 2, version: 2 }],
    });
    run(machine, { kind: "put", key: "a", value: "new", ignoreLease: true });
    expect(query(machine, { kind: "range", key: "a" })).toMatchObject({
      kvs: [{ value: "new", lease: 2, version: 3 }],
    });
    const missing = { kind: "put", key: "b", value: "" } as const;
    expect(run(machine, { ...missing, ignoreValue: true })).toEqual(refused("key-not-found"));
    expect(run(machine, { ...missing, ignoreLease: true })).toEqual(refused("key-not-found"));
    expect(run(machine, { ...missing, value: "x", ignoreValue: true })).toEqual(
      refused("value-provided"),
    );
    expect(run(machine, { ...missing, lease: 1, ignoreLease: true })).toEqual(
      refused("lease-provided"),
    );
  });

  it("the order of refusals is etcd's: a lone put looks for its lease first, one in a transaction for its key", () => {
    const machine = new KvStateMachine();
    const both = { kind: "put", key: "a", value: "", lease: 5, ignoreValue: true } as const;
    expect(run(machine, both)).toEqual(refused("lease-not-found"));
    expect(
      run(machine, { kind: "transaction", compares: [], success: [both], failure: [] }),
    ).toEqual(refused("key-not-found"));
  });

  it("a refused transaction leaves leases and their keys as they were", () => {
    const machine = new KvStateMachine();
    for (const command of [grant(1), held("a", 1), held("b", 1)]) run(machine, command);
    const hash = machine.hash();
    const keep = { kind: "put", key: "c", value: "", ignoreValue: true } as const;
    // Found missing only after what comes before it was done: etcd lets this pass its checks.
    const success = [
      { kind: "delete", key: "a", rangeEnd: "\0" },
      { ...keep, key: "b" },
    ] as const;
    const result = run(machine, { kind: "transaction", compares: [], success, failure: [] });
    expect(result).toEqual(refused("key-not-found"));
    expect(keysOf(machine, 1)).toEqual(["a", "b"]);
    expect(machine.hash()).toBe(hash);
  });
});
