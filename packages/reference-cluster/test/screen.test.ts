import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { NodeStatus } from "../src/cluster/cluster-status.ts";
import type { NodeReport } from "../src/node/node-report.ts";
import { screen } from "../src/view/screen.ts";
import type { ViewState } from "../src/view/view-state.ts";

function node(id: string, role: string): NodeStatus {
  const raft = { role, term: 99_999, commitIndex: 123_456_789, appliedIndex: 123_456_789 };
  const report = { raft } as unknown as NodeReport;
  return { id, state: "up", pid: 4_194_304, restarts: 1_000, report };
}

function down(id: string): NodeStatus {
  return { id, state: "down", pid: undefined, restarts: 1, reason: "a long reason ".repeat(20) };
}

function view(nodes: readonly NodeStatus[]): readonly string[] {
  const state: ViewState = {
    url: "http://127.0.0.1:65535",
    dataDirectory: `/${"long/".repeat(40)}`,
    exampleId: "01a1fde5-7601-7506-95fa-2f55a4bfd037",
    status: { leader: "n1", term: 99_999, nodes },
    traffic: { perSecond: 99_999, p50Ms: 99.9, p99Ms: 999.9, answered: 9_999_999, failures: 9_999 },
    workload: { acknowledged: 9_999_999, rejected: 99, unknown: 99, failed: 0, held: 999 },
  };
  return stripVTControlCharacters(screen(state)).split("\n");
}

describe("the live view", () => {
  it.each([3, 5, 7])(
    "fits a terminal of 80 columns and 24 lines with %i nodes, some down",
    (count) => {
      const up = Array.from({ length: count - 1 }, (_, at) => node(`n${at + 1}`, "follower"));
      const lines = view([...up, down(`n${count}`)]);
      expect(lines.length).toBeLessThanOrEqual(24);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    },
  );

  it("says what it means that nodes are down", () => {
    const [leader, follower] = [node("n1", "leader"), node("n2", "follower")];
    expect(view([leader, follower, node("n3", "follower")]).join("\n")).toContain("any 1 may die");
    expect(view([leader, follower, down("n3")]).join("\n")).toContain(
      "n3 down: 2 of 3 are still a majority",
    );
    expect(view([leader, down("n2"), down("n3")]).join("\n")).toContain("1 of 3 are no majority");
  });
});
