import type { Sink, SinkWriter } from "@quorate/stream";
import { beforeEach, describe, expect, it } from "vitest";
import { liveReport } from "../src/live/live-report.ts";
import {
  LIVE_DELAYS,
  LIVE_DISHES,
  LIVE_LATE,
  LIVE_MINUTES,
  LIVE_TOTALS,
  type LiveRow,
  totalRow,
  windowRow,
} from "../src/live/live-row.ts";
import { KEPT_MS, liveSink } from "../src/live/live-sink.ts";
import { MemoryKv } from "./memory-kv.ts";

const MINUTE_MS = 60_000;
const NOON_MS = Date.parse("2026-11-22T12:00:00Z");

describe("the live counts in the store", () => {
  let kv: MemoryKv;
  let isFirst: boolean;
  let sink: Sink<LiveRow>;
  let writer: SinkWriter<LiveRow>;

  beforeEach(async () => {
    kv = new MemoryKv();
    isFirst = false;
    sink = liveSink(kv, async () => isFirst);
    await sink.recover({ id: "live" }, []);
    writer = await sink.open({ id: "live", subtask: 0, subtasks: 1 });
  });

  async function prepared(checkpointId: number, ...rows: readonly LiveRow[]): Promise<unknown> {
    await writer.write(rows);
    return writer.prepare(checkpointId);
  }

  const altona = (orders: number): LiveRow =>
    totalRow(LIVE_TOTALS, "Altona", { orders, revenueCents: 100 * orders });

  it("are there once their checkpoint is kept, all at once, the last of each key", async () => {
    const transaction = await prepared(1, altona(1), altona(2), altona(3));
    expect(await liveReport(kv, 5)).toMatchObject({ checkpoint: 0, orders: 0, districts: [] });
    await writer.commit(transaction);
    expect(await liveReport(kv, 5)).toMatchObject({
      ...{ checkpoint: 1, orders: 3, revenueCents: 300, late: 0 },
      districts: [{ district: "Altona", orders: 3, revenueCents: 300 }],
    });
    expect(await prepared(2)).toBeUndefined();
  });

  it("a commit that is repeated, or comes after a newer one, has no effect", async () => {
    const first = await prepared(7, altona(1));
    const second = await prepared(9, altona(2));
    await writer.commit(first);
    await writer.commit(second);
    await writer.commit(first); // of a process that was killed, still under way
    expect(await liveReport(kv, 5)).toMatchObject({ checkpoint: 9, orders: 2 });
    await sink.recover({ id: "live" }, [second]);
    expect(await liveReport(kv, 5)).toMatchObject({ checkpoint: 9, orders: 2 });
  });

  it("a commit that fails is repeated by the next run", async () => {
    const transaction = await prepared(1, altona(1));
    kv.trouble = "timeout"; // it was applied, and nobody knows
    await expect(writer.commit(transaction)).rejects.toThrow("were not written: timeout");
    kv.trouble = undefined;
    await sink.recover({ id: "live" }, [structuredClone(transaction)]);
    expect(await liveReport(kv, 5)).toMatchObject({ checkpoint: 1, orders: 1 });
  });

  it("without a checkpoint to go on from, what is there is forgotten, and counted again", async () => {
    await writer.commit(await prepared(9, altona(1)));
    isFirst = true;
    await sink.recover({ id: "live" }, []);
    expect(await liveReport(kv, 5)).toMatchObject({ checkpoint: 0, orders: 0 });
    await writer.commit(await prepared(1, altona(2)));
    expect(await liveReport(kv, 5)).toMatchObject({ checkpoint: 1, orders: 2 });
    kv.trouble = "no-leader";
    await expect(sink.recover({ id: "live" }, [])).rejects.toThrow("still there: unavailable");
  });

  it("more rows than fit into one transaction of the store", async () => {
    const rows = Array.from({ length: 350 }, (_, at) =>
      totalRow(LIVE_TOTALS, `district ${at}`, { orders: 1, revenueCents: 2 }),
    );
    await writer.commit(await prepared(1, ...rows));
    const report = await liveReport(kv, 5);
    expect(report).toMatchObject({ checkpoint: 1, orders: 350, revenueCents: 700 });
    expect(report.districts).toHaveLength(350);
  });

  it("windows are forgotten after a day, totals never", async () => {
    const sales = { orders: 1, revenueCents: 5 };
    const old = windowRow(LIVE_MINUTES, NOON_MS, sales, "Altona");
    await writer.commit(await prepared(1, altona(1), old));
    const dayLater = windowRow(LIVE_MINUTES, NOON_MS + KEPT_MS, sales, "a/b");
    await writer.commit(await prepared(2, dayLater));
    expect((await liveReport(kv, 3_000)).minutes).toHaveLength(2);
    const minuteLater = windowRow(LIVE_MINUTES, NOON_MS + KEPT_MS + MINUTE_MS, sales, "Altona");
    await writer.commit(await prepared(3, minuteLater, old)); // a late one of a window that is over
    const { minutes, orders } = await liveReport(kv, 3_000);
    expect(orders).toBe(1);
    expect(minutes).toEqual([
      { start: "2026-11-23T12:00:00.000Z", district: "a/b", ...sales },
      { start: "2026-11-23T12:01:00.000Z", district: "Altona", ...sales },
    ]);
  });

  it("are reported for the last minutes, with the dishes of the last five, delays and late ones", async () => {
    const minute = (at: number): number => NOON_MS + at * MINUTE_MS;
    const rows = [0, 1, 2].flatMap((at) => [
      windowRow(LIVE_MINUTES, minute(at), { orders: at, revenueCents: 0 }, "Altona"),
      windowRow(LIVE_DELAYS, minute(at), { couriers: 2, totalMs: 30, maxMs: 20 }, "Altona"),
    ]);
    const dishes = [-2, -1, 0].map((at) =>
      windowRow(LIVE_DISHES, minute(at), [{ dish: `${at}`, quantity: 1 }]),
    );
    const late = totalRow(LIVE_LATE, "Altona", { orders: 4, revenueCents: 1 });
    await writer.commit(await prepared(1, ...rows, ...dishes, late));
    const report = await liveReport(kv, 2);
    expect(report.minutes.map(({ orders }) => orders)).toEqual([1, 2]);
    expect(report.topDishes).toEqual([{ dish: "-2", quantity: 1 }]); // from 11:58 to 12:03
    expect(report.courierDelays[0]).toEqual({
      ...{ start: "2026-11-22T12:01:00.000Z", district: "Altona" },
      ...{ couriers: 2, meanMs: 15, maxMs: 20 },
    });
    expect(report.late).toBe(4);
  });
});
