import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { ClusterStatus, NodeStatus } from "../src/cluster/cluster-status.ts";
import type { ServiceStatus } from "../src/cluster/service-status.ts";
import type { ShardStatus } from "../src/cluster/shard-status.ts";
import type { NodeReport } from "../src/node/node-report.ts";
import { statusTables } from "../src/view/status-tables.ts";
import { screen } from "../src/view/screen.ts";
import type { ViewState } from "../src/view/view-state.ts";

const MAX_SHARDS = 16;

function service(id: string, state: ServiceStatus["state"]): ServiceStatus {
  return {
    ...{ id, state, port: 31_999, pid: 4_194_304, restarts: 1_000 },
    ...{ picks: 9_999_999, share: 0.625, failures: 99_999, retries: 12_345, ejections: 999 },
    latency: { queueMs: 0.01, processingMs: 20, transmissionMs: 0.5, meanMs: 20.51, p99Ms: 150 },
  };
}

const SERVICES = Array.from({ length: 16 }, (_, at) =>
  service(`s${at + 1}`, at > 12 ? "unhealthy" : "healthy"),
);

function node(id: string, role: string): NodeStatus {
  const log = { role, term: 99_999, commitIndex: 123_456_789, appliedIndex: 123_456_789 };
  const shards = Array.from({ length: MAX_SHARDS }, () => ({ log }));
  const report = { shards, explain: [] } as unknown as NodeReport;
  return { id, state: "up", pid: 4_194_304, restarts: 1_000, report };
}

function down(id: string): NodeStatus {
  return { id, state: "down", pid: undefined, restarts: 1, reason: "a long reason ".repeat(20) };
}

/** Led by the nodes in turn; `leaderless` of them by none. */
function shardsOf(nodes: readonly NodeStatus[], leaderless: number): ShardStatus[] {
  return Array.from({ length: MAX_SHARDS }, (_, at) => ({
    ...{ name: `shard-${at + 1}`, term: 99_999, commitIndex: 123_456_789 },
    ...(at < leaderless ? {} : { leader: nodes[at % nodes.length]!.id }),
    ...{ orders: 123_456_789, keys: 370_370_367, shareOfRing: 1, shareOfOrders: 1 },
  }));
}

function status(nodes: readonly NodeStatus[], leaderless: number): ClusterStatus {
  const shards = shardsOf(nodes, leaderless);
  return {
    ...(leaderless === 0 ? { leader: "n1" } : {}),
    term: 99_999,
    shards,
    nodes,
    services: SERVICES,
  };
}

function view(nodes: readonly NodeStatus[], leaderless = 0): readonly string[] {
  const state: ViewState = {
    url: "http://127.0.0.1:65535",
    dataDirectory: `/${"long/".repeat(40)}`,
    exampleId: "01a1fde5-7601-7506-95fa-2f55a4bfd037",
    status: status(nodes, leaderless),
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
      for (const leaderless of [0, 1, MAX_SHARDS]) {
        const lines = view([...up, down(`n${count}`)], leaderless);
        expect(lines.length).toBeLessThanOrEqual(24);
        for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
      }
    },
  );

  it("says which node leads how many shards, or which shards have no leader", () => {
    const nodes = [node("n1", "leader"), node("n2", "leader"), node("n3", "follower")];
    expect(view(nodes).join("\n")).toContain("shards    16: n1 leads 6, n2 5, n3 5");
    expect(view(nodes, 2).join("\n")).toContain("nobody leads shard-1 and 1 more");
  });

  it("says which services get no requests, and how often others stood in", () => {
    expect(view([node("n1", "leader")]).join("\n")).toContain(
      "services  16: s14 unhealthy and 2 more; 197,520 retries, 15,984 ejections",
    );
  });

  it("says what it means that nodes are down", () => {
    const [leader, follower] = [node("n1", "leader"), node("n2", "follower")];
    expect(view([leader, follower, node("n3", "follower")]).join("\n")).toContain("any 1 may die");
    expect(view([leader, follower, down("n3")]).join("\n")).toContain(
      "n3 down: 2 of 3 are still a majority",
    );
    expect(view([leader, down("n2"), down("n3")]).join("\n")).toContain("1 of 3 are no majority");
  });
});

describe("quorate status", () => {
  it("shows each shard's leader, orders and shares, and how the fullest compares with the mean", () => {
    const nodes = [node("n1", "leader"), down("n2")];
    const [one, two] = shardsOf([nodes[0]!], 1);
    const shards = [
      { ...one!, orders: 1_000, shareOfRing: 0.25, shareOfOrders: 0.2 },
      { ...two!, orders: 4_000, shareOfRing: 0.75, shareOfOrders: 0.8 },
    ];
    const lines = stripVTControlCharacters(
      statusTables({ term: 1, shards, nodes, services: SERVICES }),
    ).split("\n");
    const cells = lines.map((line) => line.split(/ *│ */).slice(1, -1));
    const row = (name: string): string[] | undefined => cells.find(([first]) => first === name);
    expect(row("shard-1")).toEqual([
      "shard-1",
      "none",
      "99,999",
      "123,456,789",
      "1,000",
      "370,370,367",
      "25.0",
      "20.0",
    ]);
    expect(row("shard-2")).toContain("n1");
    expect(row("all")).toEqual(
      expect.arrayContaining(["5,000", "max/mean 1.50", "max/mean 1.60"]) as string[],
    );
    expect(row("s14")).toEqual([
      ...["s14", "unhealthy", "9,999,999", "62.5", "99,999", "12,345", "999"],
      ...["0.01", "20.00", "0.50", "150.00", "1,000", "4194304"],
    ]);
    expect(row("n2")).toEqual(expect.arrayContaining(["down"]) as string[]);
  });
});
