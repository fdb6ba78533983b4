import { type KvClient, put } from "@quorate/kv";
import { type LocalKv, startLocalKv } from "@quorate/kv/local";
import type { Batch } from "@quorate/stream";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placedOrder, sentCourier } from "../src/live/live-events.ts";
import { storeSource } from "../src/live/store-source.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { OrderShard } from "../src/orders/order-shard.ts";
import { newOrder } from "../src/orders/order.ts";

const PREFIX = "orders/";

/** Of records that were read: the last part of their key. */
const decode = ({ key }: { readonly key: Uint8Array }): string =>
  Buffer.from(key).toString().slice(PREFIX.length);

describe("a shard as a source", () => {
  let store: LocalKv;
  let kv: KvClient;
  let ending: AbortController;

  async function start(options: Parameters<typeof startLocalKv>[0] = {}): Promise<void> {
    store = await startLocalKv(options);
    kv = await store.client();
    ending = new AbortController();
  }

  beforeEach(() => start());

  afterEach(async () => {
    ending.abort();
    await store[Symbol.asyncDispose]();
  });

  async function write(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await kv.put(PREFIX + key, "");
  }

  async function read(
    position: number | undefined,
    count: number,
    client: KvClient = kv,
  ): Promise<{ records: string[]; batches: Batch<string>[] }> {
    const positions = new Map(position === undefined ? [] : [["shard", position]]);
    const source = storeSource(new Map([["shard", client]]), { prefix: PREFIX, decode });
    const context = { id: "orders", subtask: 0, subtasks: 1, positions, signal: ending.signal };
    const records: string[] = [];
    const batches: Batch<string>[] = [];
    for await (const batch of (await source.open(context)) as AsyncIterable<Batch<string>>) {
      batches.push(batch);
      records.push(...batch.records);
      if (records.length >= count) break;
    }
    return { records, batches };
  }

  it("gives what is there, and then what comes, in the order in which it was written", async () => {
    await write("c", "a", "b");
    await kv.put("reviews/c", "of another kind");
    const reading = read(undefined, 5);
    await write("0", "z");
    expect((await reading).records).toEqual(["c", "a", "b", "0", "z"]);
  });

  it("from one position the same records follow, whatever the store has compacted meanwhile", async () => {
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 999 }).map(String), {
      minLength: 2,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(keys, fc.nat(), fc.integer({ min: 1, max: 30 }), async (all, cut, keep) => {
        await store[Symbol.asyncDispose]();
        await start({ keepRevisions: keep });
        const before = all.slice(0, 1 + (cut % (all.length - 1)));
        const after = all.slice(before.length);
        await write(...before);
        const { batches } = await read(undefined, before.length);
        await write(...after);
        const position = batches.at(-1)!.position as number;
        expect((await read(position, after.length)).records).toEqual(after);
        expect((await read(undefined, all.length)).records).toEqual(all);
      }),
      { numRuns: 60 },
    );
  });

  it("compacted under a slow reader: goes on from what the store holds, nothing twice or left out", async () => {
    const slow = await store.client({ watchBufferBytes: 1 });
    const source = storeSource(new Map([["shard", slow]]), { prefix: PREFIX, decode });
    const positions = new Map<string, unknown>();
    const { signal } = ending;
    const opened = await source.open({ id: "orders", subtask: 0, subtasks: 1, positions, signal });
    const batches = (opened as AsyncIterable<Batch<string>>)[Symbol.asyncIterator]();
    const records: string[] = [];
    const next = async (): Promise<void> => {
      records.push(...((await batches.next()).value as Batch<string>).records);
    };
    await write("first");
    while (records.length < 1) await next();
    const keys = Array.from({ length: 30 }, (_, at) => `${30 - at}`);
    const asked = next(); // now it watches
    await write(...keys);
    await kv.compact(store.machine.revision);
    await asked;
    while (records.length < 31) await next();
    expect(records).toEqual(["first", ...keys]);
  });

  it("announces each shard before any record, and gives it to one subtask", async () => {
    const stores = new Map(["one", "two", "three"].map((name) => [name, kv]));
    await write("a");
    const announced = async (subtask: number): Promise<(string | undefined)[]> => {
      const source = storeSource(stores, { prefix: PREFIX, decode });
      const positions = new Map([["two", 7]]);
      const { signal } = ending;
      const opened = await source.open({ id: "o", subtask, subtasks: 2, positions, signal });
      const found: Batch<string>[] = [];
      for await (const batch of opened as AsyncIterable<Batch<string>>) {
        if (batch.records.length > 0) break;
        found.push(batch);
      }
      if (subtask === 1) expect(found[0]).toEqual({ split: "two", records: [], position: 7 });
      return found.map(({ split }) => split);
    };
    await write("b", "c", "d", "e", "f", "g", "h");
    expect((await announced(0)).slice(0, 2)).toEqual(["one", "three"]);
    expect(await announced(1)).toContain("two");
  });

  it("ends when it is told to, also while it waits", async () => {
    const reading = read(undefined, Infinity);
    await write("a");
    ending.abort();
    expect((await reading).batches.length).toBeGreaterThan(0);
  });

  it("decodes what the cluster writes", async () => {
    const [request] = firstOrders("live", 1);
    const order = newOrder("o1", 1_234, { ...request!, delivery: true });
    await new OrderShard(kv).put(order);
    expect(placedOrder((await kv.get("orders/o1"))!)).toMatchObject({
      ...{ id: "o1", district: request!.district, placedAtMs: 1_234 },
      ...{ revenueCents: order.totalCents, isDelivered: true },
    });
    const delivery = { courier: "c", token: "1", dispatchedAt: new Date(5_000).toISOString() };
    await kv.transaction({
      compares: [],
      success: [
        put("deliveries/o1", JSON.stringify(delivery)),
        put("deliveries/o2", JSON.stringify({ courier: "c", token: "1" })),
      ],
      failure: [],
    });
    expect(sentCourier((await kv.get("deliveries/o1"))!)).toEqual({
      orderId: "o1",
      sentAtMs: 5_000,
    });
    expect(sentCourier((await kv.get("deliveries/o2"))!)).toBeUndefined();
  });
});
