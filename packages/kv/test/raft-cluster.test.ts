import { describe, expect, it } from "vitest";
import { type KeyValue, utf8, withPrefix, type WriteOutcome } from "../src/index.ts";
import { RaftCluster } from "./raft-cluster.ts";

const WRITERS = 20;
const WRITES = 1_500;

describe("a store on Raft, whose leader is killed twice in mid-load", () => {
  it("has every acknowledged write exactly once, no rejected one, and replicas that hash alike", async () => {
    const cluster = new RaftCluster();
    const client = await cluster.start();
    const outcomes = new Map<string, WriteOutcome<unknown>["kind"]>();
    let next = 0;
    const writers = Array.from({ length: WRITERS }, async () => {
      while (next < WRITES) {
        const key = `order/${next++}`;
        const { kind } = await client.put(key, "x".repeat(50));
        outcomes.set(key, kind);
      }
    });

    const victims: string[] = [];
    for (const writes of [WRITES / 3, (2 * WRITES) / 3]) {
      await cluster.until(() => outcomes.size > writes && cluster.leader !== undefined);
      const victim = cluster.leader as string;
      victims.push(victim);
      await cluster.crash(victim);
      await cluster.until(() => cluster.leader !== undefined && cluster.leader !== victim);
      await cluster.boot(victim);
    }
    await cluster.until(() => outcomes.size === WRITES);
    await Promise.all(writers);

    let found: readonly KeyValue[] = [];
    const reading = client.range(withPrefix("order/")).then(({ kvs }) => (found = kvs));
    await cluster.until(() => found.length > 0);
    await reading;
    const versions = new Map(found.map(({ key, version }) => [utf8(key), version]));
    const violations = [...outcomes].filter(([key, kind]) => {
      const version = versions.get(key) ?? 0;
      return kind === "committed" ? version !== 1 : version > (kind === "unknown" ? 1 : 0);
    });
    expect(violations).toEqual([]);
    // Two elections within the client's five seconds: nothing of them shows.
    expect([...outcomes.values()].filter((kind) => kind === "committed").length).toBe(WRITES);

    const members = [...cluster.members.values()];
    const applied = (): Set<number> =>
      new Set(members.map(({ node }) => node.status().appliedIndex));
    await cluster.until(() => applied().size === 1);
    expect(members.every(({ node }) => node.status().snapshotIndex > 0)).toBe(true);
    expect(new Set(members.map(({ machine }) => machine.hash())).size).toBe(1);
    await client.stop();
    await Promise.all(members.map(({ node }) => node.stop()));
  });
});
