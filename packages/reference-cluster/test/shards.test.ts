import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromJSON, type LocatorState } from "@quorate/consistent-hashing";
import { systemClock } from "@quorate/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openClusterFolder } from "../src/cluster/cluster-folder.ts";
import { shardStatuses } from "../src/cluster/shard-status.ts";
import type { NodeReport } from "../src/node/node-report.ts";
import { mergePages } from "../src/orders/merge-pages.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { OrderStore } from "../src/orders/order-store.ts";
import type { OrderSummary } from "../src/orders/order.ts";
import { foundRing, shardNames } from "../src/shards/shard-ring.ts";
import { temporaryFolder } from "./child.ts";
import { MemoryShards } from "./memory-shards.ts";

const [ORDER] = firstOrders("shards", 1);

/** Written down once. Data lies where this says: it must never change. */
const GOLDEN: Readonly<Record<string, readonly [of3: number, of8: number, of16: number]>> = {
  "01a1fdf9-2f10-7163-b412-c8428a3e2123": [3, 6, 6],
  "01a1fde5-7601-7506-95fa-2f55a4bfd037": [2, 6, 10],
  "01a1fdf9-2f10-7163-b412-c8428a3e2124": [2, 8, 14],
  "00000000-0000-7000-8000-000000000000": [1, 6, 6],
  "ffffffff-ffff-7fff-bfff-ffffffffffff": [2, 6, 13],
  example: [2, 2, 2],
  k1: [3, 7, 9],
  "order.2026_11-21": [1, 7, 7],
};
const GOLDEN_STATE: LocatorState = {
  ...{ format: "quorate-consistent-hashing", version: 1, algorithm: "ring" },
  ...{ hash: "murmur3", seed: 0, options: { pointsPerWeight: 1_024 } },
  nodes: [1, 2, 3].map((number) => ({ name: `shard-${number}`, weight: 1 })),
};

describe("the shard of an order", () => {
  it.each(Object.entries(GOLDEN))("is the same for %s for ever", (id, numbers) => {
    const found = [3, 8, 16].map((shards) => foundRing(shards).locate(id));
    expect(found).toEqual(numbers.map((number) => `shard-${number}`));
    expect(fromJSON(GOLDEN_STATE).locate(id)).toBe(found[0]);
  });

  it("is by a ring whose shares are within 15 % of each other's mean, for every number of shards", () => {
    for (let shards = 1; shards <= 16; shards++) {
      for (const share of foundRing(shards).shares().values()) {
        expect(Math.abs(share * shards - 1)).toBeLessThan(0.15);
      }
    }
  });

  it("has a name that sorts by its number", () => {
    const names = shardNames(foundRing(11));
    expect(names).toEqual(Array.from({ length: 11 }, (_, at) => `shard-${at + 1}`));
  });
});

describe("orders over several shards", () => {
  it.each([1, 3, 16])("are each in the shard of their id, and found there: %i", async (count) => {
    const shards = new MemoryShards(count);
    for (let at = 0; at < 60; at++) {
      const placement = await shards.orders.place(ORDER!, at % 2 === 0 ? undefined : `key-${at}`);
      if (placement.kind !== "placed") throw new Error(placement.kind);
      const { id } = placement.order;
      expect(await shards.orders.find(id)).toEqual(placement.order);
      for (const [name, store] of shards.stores) {
        const isHere = (await store.get(`orders/${id}`)) !== undefined;
        expect(isHere).toBe(name === shards.ring.locate(id));
      }
    }
    const found = [];
    for await (const { order } of shards.orders.all()) found.push(order.id);
    expect(new Set(found).size).toBe(60);
  });

  it("an order is in the shard of its idempotency key, so that one transaction guards it", async () => {
    const shards = new MemoryShards(16);
    for (let at = 0; at < 50; at++) {
      const key = `k${at}`;
      const first = await shards.orders.place(ORDER!, key);
      const again = await shards.orders.place(ORDER!, key);
      if (first.kind !== "placed" || again.kind !== "repeated") throw new Error(again.kind);
      expect(again.order).toEqual(first.order);
      expect(shards.orders.shardOf(first.order.id)).toBe(shards.ring.locate(key));
    }
  });

  it("a shard in trouble holds up its own orders, and no others", async () => {
    const shards = new MemoryShards(3);
    shards.stores.get("shard-2")!.trouble = "no-leader";
    const kinds = new Map<string, string>();
    for (let at = 0; kinds.size < 3; at++) {
      const key = `key-${at}`;
      kinds.set(shards.ring.locate(key), (await shards.orders.place(ORDER!, key)).kind);
    }
    expect(Object.fromEntries(kinds)).toEqual({
      "shard-1": "placed",
      "shard-2": "rejected",
      "shard-3": "placed",
    });
    await expect(shards.orders.ofMerchant("m1", 10)).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("an order in a shard that is not its own counts as none", async () => {
    const shards = new MemoryShards(2);
    const [one, two] = [...shards.stores.values()];
    const swapped = new Map([
      ["shard-1", two!],
      ["shard-2", one!],
    ]);
    await new OrderStore(shards.ring, swapped, systemClock).place(ORDER!);
    const found = [];
    for await (const stored of shards.orders.all()) found.push(stored);
    expect(found).toEqual([]);
  });
});

describe("a merchant's list over several shards", () => {
  const summary = (id: string): OrderSummary => ({ id, placedAt: "", totalCents: 0 });
  const ids = fc.uniqueArray(fc.uuid({ version: 7 }), { maxLength: 40 });

  /** As one store would list them. */
  function listed(all: readonly string[], limit: number, before?: string) {
    const older = all
      .toSorted()
      .toReversed()
      .filter((id) => before === undefined || id < before);
    const orders = older.slice(0, limit).map(summary);
    return older.length > limit ? { orders, next: orders.at(-1)!.id } : { orders };
  }

  it("is in pages just those of one store: by id, the newest first, with `next` while there are more", () => {
    fc.assert(
      fc.property(
        ids,
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat(4)),
        (all, limit, to) => {
          const shards = new Map(all.map((id) => [id, to.next().value]));
          const own = (shard: number) => all.filter((id) => shards.get(id) === shard);
          let before: string | undefined;
          do {
            const pages = [0, 1, 2, 3, 4].map((shard) => listed(own(shard), limit, before));
            const page = mergePages(pages, limit);
            expect(page).toEqual(listed(all, limit, before));
            before = page.next;
          } while (before !== undefined);
        },
      ),
    );
  });

  it("has all orders in the order in which they were placed, read page by page", async () => {
    const { orders } = new MemoryShards(3);
    const placed = [];
    for (let at = 0; at < 25; at++) {
      const placement = await orders.place(ORDER!);
      if (placement.kind === "placed") placed.push(placement.order.id);
    }
    const seen = [];
    let before: string | undefined;
    do {
      const page = await orders.ofMerchant(ORDER!.merchantId, 4, before);
      seen.push(...page.orders.map(({ id }) => id));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual(placed.toReversed());
  });
});

describe("the status of shards", () => {
  function report(...shards: [name: string, role: string, term: number, applied: number][]) {
    return {
      shards: shards.map(([name, role, term, applied]) => ({
        name,
        log: { nodeId: `${name}/${term}`, role, term, commitIndex: applied },
        state: { appliedIndex: applied, orders: applied * 10, keys: applied * 30 },
      })),
    } as unknown as NodeReport;
  }

  it("is the leader of the highest term, and the counts of the replica that applied most", () => {
    const [one, two] = shardStatuses(foundRing(2), [
      report(["shard-1", "leader", 4, 2], ["shard-2", "follower", 1, 7]),
      report(["shard-1", "leader", 5, 3], ["shard-2", "candidate", 2, 0]),
    ]);
    expect(one).toMatchObject({ leader: "shard-1/5", term: 5, commitIndex: 3, orders: 30 });
    expect(two).toMatchObject({ term: 2, commitIndex: 7, orders: 70, keys: 210 });
    expect(two).not.toHaveProperty("leader");
    expect([one!.shareOfOrders, two!.shareOfOrders]).toEqual([0.3, 0.7]);
    expect(one!.shareOfRing + two!.shareOfRing).toBeCloseTo(1);
  });

  it("has shares of 0 where there is no order, or nobody answers", () => {
    for (const shard of shardStatuses(foundRing(3), [])) {
      expect(shard).toMatchObject({ orders: 0, shareOfOrders: 0, term: 0 });
    }
  });
});

describe("a cluster's folder", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it("keeps its ring: opened again, whatever number is the default, the same shards have the same ids", async () => {
    const founded = await openClusterFolder(folder.path, { shards: 5 });
    const opened = await openClusterFolder(folder.path);
    expect(opened.ring.toJSON()).toEqual(founded.ring.toJSON());
    expect(opened.ring.size).toBe(5);
  });

  it("refuses another number of shards, and names the one that it has", async () => {
    await openClusterFolder(folder.path);
    await expect(openClusterFolder(folder.path, { shards: 4 })).rejects.toMatchObject({
      code: "wrong-folder",
      message: expect.stringContaining("--shards 3, not 4: start it with --shards 3") as string,
    });
  });

  it.each([
    ["an earlier version", (text: string) => text.replace('"version": 2', '"version": 1')],
    ["a ring of a later format", (text: string) => text.replace('"version": 1', '"version": 9')],
    ["no ring", (text: string) => text.replace('"ring"', '"rung"')],
  ])("refuses %s rather than look for orders in the wrong shard", async (_, change) => {
    await openClusterFolder(folder.path);
    const manifest = join(folder.path, "cluster.json");
    await writeFile(manifest, change(await readFile(manifest, "utf8")));
    await expect(openClusterFolder(folder.path)).rejects.toMatchObject({ code: "wrong-folder" });
  });
});
