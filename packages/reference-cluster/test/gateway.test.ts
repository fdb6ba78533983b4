import { systemClock } from "@quorate/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClusterStatus } from "../src/cluster/cluster-status.ts";
import type { ShardStatus } from "../src/cluster/shard-status.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { Metrics } from "../src/gateway/metrics.ts";
import { Traffic } from "../src/gateway/traffic.ts";
import type { Order } from "../src/orders/order.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { MemoryShards } from "./memory-shards.ts";

const [ORDER] = firstOrders("gateway", 1);
const SHARD: ShardStatus = {
  ...{ name: "shard-1", leader: "n1", term: 3, commitIndex: 9 },
  ...{ orders: 2, keys: 5, shareOfRing: 1, shareOfOrders: 1 },
};
const LED: ClusterStatus = { leader: "n1", term: 3, shards: [SHARD], nodes: [] };

describe("the gateway", () => {
  let kv: MemoryShards;
  let status: ClusterStatus;
  let gateway: ReturnType<typeof createGateway>;

  beforeEach(() => {
    kv = new MemoryShards(3);
    status = LED;
    const { orders } = kv;
    const metrics = new Metrics(async () => status);
    const traffic = new Traffic(systemClock);
    gateway = createGateway({ orders, status: async () => status, metrics, traffic });
  });

  afterEach(() => gateway.close());

  const place = (order: unknown, headers: Record<string, string> = {}) =>
    gateway.inject({ method: "POST", url: "/orders", payload: order as object, headers });

  it("places an order, which can be read, and is in its merchant's list", async () => {
    const placed = await place({ ...ORDER, reference: "mine" });
    expect(placed.statusCode).toBe(201);
    const order = placed.json<Order>();
    expect(order).toMatchObject({ ...ORDER, reference: "mine" });
    expect(placed.headers["location"]).toBe(`/orders/${order.id}`);

    const read = await gateway.inject(`/orders/${order.id}`);
    expect(read.json()).toEqual(order);
    const list = await gateway.inject(`/merchants/${ORDER!.merchantId}/orders`);
    const { id, placedAt, totalCents } = order;
    expect(list.json()).toEqual({ orders: [{ id, placedAt, totalCents }] });
  });

  it("lists a merchant's orders in pages, the newest first, and nobody else's", async () => {
    const ids = [];
    for (let at = 0; at < 5; at++) ids.push((await place(ORDER)).json<Order>().id);
    await place({ ...ORDER, merchantId: `${ORDER!.merchantId}0` });
    const seen = [];
    let before: string | undefined;
    do {
      const url = `/merchants/${ORDER!.merchantId}/orders?limit=2${before ? `&before=${before}` : ""}`;
      const page = (await gateway.inject(url)).json<{ orders: Order[]; next?: string }>();
      seen.push(...page.orders.map(({ id }) => id));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual(ids.toReversed());
  });

  it("places an order at most once under one Idempotency-Key", async () => {
    const headers = { "idempotency-key": "k1" };
    const first = await place(ORDER, headers);
    const again = await place(ORDER, headers);
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.json()).toEqual(first.json());
    expect((await place({ ...ORDER, customerId: "c0" }, headers)).statusCode).toBe(422);
    const list = await gateway.inject(`/merchants/${ORDER!.merchantId}/orders`);
    expect(list.json<{ orders: unknown[] }>().orders).toHaveLength(1);
  });

  it("a repetition with the same Idempotency-Key settles an unknown outcome", async () => {
    kv.trouble = "timeout"; // after it was applied
    const headers = { "idempotency-key": "k2" };
    const first = await place(ORDER, headers);
    kv.trouble = undefined;
    const again = await place(ORDER, headers);
    expect([first.statusCode, again.statusCode]).toEqual([504, 200]);
    expect(again.json<Order>().id).toBe(first.json<{ orderId: string }>().orderId);
  });

  const json = { "content-type": "application/json" };
  const body = JSON.stringify(ORDER);
  it.each([
    ["bad JSON", 400, { method: "POST", url: "/orders", headers: json, payload: "{" }],
    ["no body", 400, { method: "POST", url: "/orders", headers: json }],
    ["a missing field", 400, { method: "POST", url: "/orders", payload: { merchantId: "m1" } }],
    ["an unknown field", 400, { method: "POST", url: "/orders", payload: { ...ORDER, tip: 1 } }],
    ["text for a number", 400, { method: "POST", url: "/orders", payload: quantity("2") }],
    [
      "an oversized body",
      413,
      { method: "POST", url: "/orders", payload: { a: "x".repeat(65_536) } },
    ],
    [
      "another media type",
      415,
      { method: "POST", url: "/orders", headers: { "content-type": "text/csv" }, payload: body },
    ],
    ["an unknown path", 404, { method: "GET", url: "/nothing" }],
    ["an unknown method", 404, { method: "DELETE", url: "/orders" }],
    ["an unknown order", 404, { method: "GET", url: "/orders/none" }],
    ["an id that is none", 400, { method: "GET", url: "/orders/a%2Fb" }],
    ["a limit that is none", 400, { method: "GET", url: "/merchants/m1/orders?limit=0" }],
  ] as const)("answers %s with %i and a problem document", async (_, statusCode, request) => {
    const answer = await gateway.inject(request as never);
    expectProblem(answer, statusCode);
  });

  it("answers 503 with Retry-After, when no leader takes the order: it is surely not placed", async () => {
    kv.trouble = "no-leader";
    const answer = await place(ORDER);
    expectProblem(answer, 503);
    expect(answer.headers["retry-after"]).toBe("1");
    kv.trouble = undefined;
    const list = await gateway.inject(`/merchants/${ORDER!.merchantId}/orders`);
    expect(list.json()).toEqual({ orders: [] });
  });

  it("answers 503 with Retry-After, when no read can be confirmed", async () => {
    kv.trouble = "no-leader";
    for (const url of ["/orders/x", "/merchants/m1/orders"]) {
      const answer = await gateway.inject(url);
      expectProblem(answer, 503);
      expect(answer.headers["retry-after"]).toBe("1");
    }
  });

  it("answers 504 that says that the outcome is unknown, and under which id to look", async () => {
    kv.trouble = "timeout";
    const answer = await place(ORDER);
    expectProblem(answer, 504);
    const { detail, outcome, orderId } = answer.json<Record<string, string>>();
    expect(detail).toContain("outcome is unknown");
    expect(outcome).toBe("unknown");
    kv.trouble = undefined;
    expect((await gateway.inject(`/orders/${orderId}`)).statusCode).toBe(200);
  });

  it("is healthy as long as every shard has a leader, and names those that have none", async () => {
    expect((await gateway.inject("/healthz")).json()).toEqual({ status: "ok", leader: "n1" });
    const { leader: _, ...second } = { ...SHARD, name: "shard-2" };
    status = { term: 3, shards: [SHARD, second], nodes: [] };
    const answer = await gateway.inject("/healthz");
    expectProblem(answer, 503);
    expect(answer.json<{ detail: string }>().detail).toBe("no node leads shard-2 at the moment");
  });

  it("tells the cluster's status", async () => {
    expect((await gateway.inject("/status")).json()).toEqual(LED);
  });

  it("exposes metrics by route, and whether a node is up", async () => {
    await place(ORDER);
    status = { ...LED, nodes: [{ id: "n2", state: "down", pid: undefined, restarts: 4 }] };
    const answer = await gateway.inject("/metrics");
    expect(answer.headers["content-type"]).toContain("text/plain");
    expect(answer.body).toContain(
      '_duration_seconds_count{method="POST",route="/orders",status="201"} 1',
    );
    expect(answer.body).toContain('quorate_up{node="n2"} 0');
    expect(answer.body).toContain('quorate_restarts_total{node="n2"} 4');
  });
});

function quantity(value: unknown): object {
  return { ...ORDER, items: [{ dish: "Soup", quantity: value, priceCents: 1 }] };
}

function expectProblem(
  answer: { statusCode: number; headers: Record<string, unknown>; json: () => unknown },
  status: number,
): void {
  expect(answer.statusCode).toBe(status);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
  expect(answer.json()).toMatchObject({
    status,
    title: expect.any(String),
    detail: expect.any(String),
  });
}
