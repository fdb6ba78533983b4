import { systemClock } from "@quorate/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import { firstOrders } from "../src/orders/order-generator.ts";
import { MemoryShards } from "./memory-shards.ts";

const [ORDER] = firstOrders("deliveries", 1);

describe("a dispatch under the token of a lock", () => {
  let shards: MemoryShards;

  beforeEach(async () => {
    shards = new MemoryShards(1, { ...systemClock, wallTime: () => 1_500 });
    for (const id of ["a", "b", "c"]) await shards.orders.put(id, { ...ORDER!, delivery: true });
    await shards.orders.put("fetched", ORDER!);
  });

  it("sends a courier once to an order that waits for one", async () => {
    const { deliveries } = shards;
    expect(await deliveries.countWaiting()).toBe(3);
    expect(await deliveries.dispatch("a", "courier-1", 7n)).toBe("dispatched");
    expect(await deliveries.dispatch("a", "courier-2", 7n)).toBe("taken");
    const dispatchedAt = "1970-01-01T00:00:01.500Z";
    const delivery = { courier: "courier-1", token: "7", dispatchedAt };
    expect(await deliveries.find("a")).toEqual(delivery);
    expect(await deliveries.countWaiting()).toBe(2);
  });

  it("one that is to be fetched gets none, and neither does one that is not there", async () => {
    expect(await shards.deliveries.dispatch("fetched", "courier-1", 7n)).toBe("taken");
    expect(await shards.deliveries.dispatch("nobody", "courier-1", 7n)).toBe("taken");
    expect(await shards.deliveries.find("fetched")).toBeUndefined();
  });

  it("with an older token than one that was seen is refused, whatever the order", async () => {
    const { deliveries } = shards;
    expect(await deliveries.dispatch("a", "courier-1", 10n)).toBe("dispatched");
    expect(await deliveries.dispatch("b", "courier-1", 9n)).toBe("stale-token");
    expect(await deliveries.dispatch("a", "courier-2", 9n)).toBe("stale-token");
    expect(await deliveries.find("b")).toBeUndefined();
    expect(await deliveries.dispatch("b", "courier-1", 100n)).toBe("dispatched");
    expect(await deliveries.dispatch("c", "courier-1", 99n)).toBe("stale-token");
  });

  it("a token that was only looked with does not lock others out", async () => {
    expect(await shards.deliveries.dispatch("fetched", "courier-1", 50n)).toBe("taken");
    expect(await shards.deliveries.dispatch("a", "courier-1", 7n)).toBe("dispatched");
  });

  it("without an answer is unknown", async () => {
    shards.trouble = "timeout";
    expect(await shards.deliveries.dispatch("a", "courier-1", 7n)).toBe("unknown");
  });
});
