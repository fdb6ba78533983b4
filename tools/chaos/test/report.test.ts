import {
  checkEffects,
  checkLinearizability,
  History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
} from "@quorate/simulation/checker";
import { describe, expect, it } from "vitest";
import { tableOf } from "../src/report-table.ts";
import { isGood, reportOf } from "../src/report.ts";
import type { ChaosResult } from "../src/run-chaos.ts";
import type { KvResult } from "../src/workloads/kv-workload.ts";
import type { LockResult } from "../src/workloads/lock-workload.ts";

const WATCH = { told: 2, resumed: 1, violations: [] };
const LEASES = { granted: 4, unrenewed: 1, violations: [] };
const LOCK: LockResult = {
  acquisitions: 9,
  timeouts: 1,
  losses: { unreachable: 2, expired: 0, revoked: 0 },
  accepted: 30,
  refused: 3,
  unknown: 1,
  history: [],
  check: { kind: "linearizable", order: new Map() },
  freeAgainMs: 40,
  violations: [],
};

/** A run in which `once/a` and `once/b` were acknowledged, `once/c` perhaps done, `once/d` not. */
function resultWith(
  found: readonly string[],
  changes: Partial<Omit<ChaosResult, "kv">> & { readonly kv?: Partial<KvResult> } = {},
  read: string | null = "1",
): ChaosResult {
  const history = new History<KeyValueInput, KeyValueOutput>();
  history.complete(history.invoke("c1", { op: "put", key: "k", value: "1" }));
  history.invoke("c2", { op: "put", key: "other", value: "2" });
  history.complete(history.invoke("c1", { op: "get", key: "k" }), read);
  const { operations } = history;
  const kv: KvResult = {
    history: operations,
    check: checkLinearizability(operations, keyValueModel()),
    effects: checkEffects({
      acknowledged: ["once/a", "once/b"],
      unknown: ["once/c"],
      rejected: ["once/d"],
      found,
    }),
    watch: WATCH,
    leases: LEASES,
  };
  return {
    faults: { kill: 2 },
    skipped: { clock: "faketime is not installed: apt-get install faketime" },
    crashes: [],
    lock: undefined,
    ...changes,
    kv: { ...kv, ...changes.kv },
  };
}

describe("the report of a chaos run", () => {
  it("a run is good when every acknowledged write is there, and reads are as they must be", () => {
    const result = resultWith(["once/a", "once/b", "once/c"]);
    expect(isGood(result)).toBe(true);
    expect(reportOf(7, result)).toEqual({
      seed: 7,
      operations: 3,
      acknowledged: 2,
      unknown: 1,
      faults: { kill: 2 },
      linearizable: true,
      lost: 0,
      duplicated: 0,
      unexpected: 0,
      watch: WATCH,
      leases: LEASES,
      crashes: [],
      skipped: { clock: "faketime is not installed: apt-get install faketime" },
    });
  });

  it.each<[string, ChaosResult, object]>([
    ["an acknowledged write is not there", resultWith(["once/a"]), { lost: 1 }],
    [
      "a write took effect twice",
      resultWith(["once/a", "once/b", "once/b"]),
      { lost: 0, duplicated: 1 },
    ],
    [
      "a rejected write took effect",
      resultWith(["once/a", "once/b", "once/d"]),
      { lost: 0, unexpected: 1 },
    ],
    [
      "a read is stale",
      resultWith(["once/a", "once/b"], {}, null),
      { lost: 0, linearizable: false },
    ],
    [
      "a node died by itself",
      resultWith(["once/a", "once/b"], { crashes: [{ node: "n1", reason: "exit 1: oops" }] }),
      { lost: 0, linearizable: true },
    ],
    [
      "the healed cluster could not be read",
      resultWith([], { kv: { effects: undefined, watch: undefined } }),
      { lost: null, duplicated: null, unexpected: null },
    ],
    [
      "the checker met a bound",
      resultWith(["once/a", "once/b"], {
        kv: { check: { kind: "undecided" } as KvResult["check"] },
      }),
      { linearizable: null },
    ],
    [
      "the watch was told wrongly",
      resultWith(["once/a", "once/b"], { kv: { watch: { ...WATCH, violations: ["told twice"] } } }),
      { watch: { violations: ["told twice"] } },
    ],
    [
      "a lease ended too early",
      resultWith(["once/a", "once/b"], { kv: { leases: { ...LEASES, violations: ["gone"] } } }),
      { leases: { violations: ["gone"] } },
    ],
    [
      "a lock was held twice",
      resultWith(["once/a", "once/b"], { lock: { ...LOCK, violations: ["m"] } }),
      { lock: { violations: ["m"] } },
    ],
    [
      "locks were not to be had again",
      resultWith(["once/a", "once/b"], { lock: { ...LOCK, freeAgainMs: undefined } }),
      { lock: { freeAgainMs: null } },
    ],
  ])("a run is not good when %s", (_, result, figures) => {
    expect(reportOf(7, result)).toMatchObject(figures);
    expect(isGood(result)).toBe(false);
  });

  it("says nothing of a workload that was not asked for", () => {
    const result: ChaosResult = { ...resultWith([]), kv: undefined, lock: LOCK };
    expect(isGood(result)).toBe(true);
    expect(reportOf(7, result)).toEqual({
      seed: 7,
      lock: {
        acquisitions: 9,
        timeouts: 1,
        losses: { unreachable: 2, expired: 0, revoked: 0 },
        writes: 30,
        refusedLateWrites: 3,
        unknownWrites: 1,
        linearizable: true,
        freeAgainMs: 40,
        violations: [],
      },
      faults: { kill: 2 },
      crashes: [],
      skipped: { clock: "faketime is not installed: apt-get install faketime" },
    });
  });

  it("the table names each fault, what was skipped and why, what is wrong, and the seed", () => {
    const result = resultWith(["once/a", "once/b"], { lock: { ...LOCK, violations: ["m: two"] } });
    const table = tableOf(reportOf(1_234, result));
    for (const text of [
      "m: two",
      "fault: kill",
      "skipped: clock",
      "apt-get install faketime",
      "1234",
    ]) {
      expect(table).toContain(text);
    }
  });
});
