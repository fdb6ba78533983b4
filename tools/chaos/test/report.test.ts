import {
  checkEffects,
  checkLinearizability,
  History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
} from "@quorate/simulation/checker";
import { describe, expect, it } from "vitest";
import { isGood, reportOf, tableOf } from "../src/report.ts";
import type { ChaosResult } from "../src/run-chaos.ts";

/** A run in which `once/a` and `once/b` were acknowledged, `once/c` perhaps done, `once/d` not. */
function resultWith(
  found: readonly string[],
  changes: Partial<ChaosResult> = {},
  read: string | null = "1",
): ChaosResult {
  const history = new History<KeyValueInput, KeyValueOutput>();
  history.complete(history.invoke("c1", { op: "put", key: "k", value: "1" }));
  history.invoke("c2", { op: "put", key: "other", value: "2" });
  history.complete(history.invoke("c1", { op: "get", key: "k" }), read);
  const { operations } = history;
  return {
    history: operations,
    faults: { kill: 2 },
    skipped: { clock: "faketime is not installed: apt-get install faketime" },
    check: checkLinearizability(operations, keyValueModel()),
    effects: checkEffects({
      acknowledged: ["once/a", "once/b"],
      unknown: ["once/c"],
      rejected: ["once/d"],
      found,
    }),
    crashes: [],
    ...changes,
  };
}

describe("the report of a chaos run", () => {
  it("a run is good when every acknowledged write is there, and reads are as they must be", () => {
    const report = reportOf(7, resultWith(["once/a", "once/b", "once/c"]));
    expect(isGood(report)).toBe(true);
    expect(report).toEqual({
      seed: 7,
      operations: 3,
      acknowledged: 2,
      unknown: 1,
      faults: { kill: 2 },
      linearizable: true,
      lost: 0,
      duplicated: 0,
      unexpected: 0,
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
      resultWith([], { effects: undefined }),
      { lost: null, duplicated: null, unexpected: null },
    ],
    [
      "the checker met a bound",
      resultWith(["once/a", "once/b"], { check: { kind: "undecided" } as ChaosResult["check"] }),
      { linearizable: null },
    ],
  ])("a run is not good when %s", (_, result, figures) => {
    const report = reportOf(7, result);
    expect(report).toMatchObject(figures);
    expect(isGood(report)).toBe(false);
  });

  it("the table names each fault, what was skipped and why, and the seed", () => {
    const table = tableOf(reportOf(1_234, resultWith(["once/a", "once/b"])));
    for (const text of ["fault: kill", "skipped: clock", "apt-get install faketime", "1234"]) {
      expect(table).toContain(text);
    }
  });
});
