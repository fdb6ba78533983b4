import { KvError } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClusterStatus } from "../src/cluster/cluster-status.ts";
import type { ServiceStatus } from "../src/cluster/service-status.ts";
import type { ShardStatus } from "../src/cluster/shard-status.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { Metrics } from "../src/gateway/metrics.ts";
import { OrderServices } from "../src/gateway/order-services.ts";
import { Traffic } from "../src/gateway/traffic.ts";
import type { LiveStatus } from "../src/live/live-status.ts";
import type { Order } from "../src/orders/order.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { rankInMemory } from "../src/ranking/rank-in-memory.ts";
import { createOrderService } from "../src/service/create-order-service.ts";
import { MemoryConfig } from "./memory-config.ts";
import { MemoryShards } from "./memory-shards.ts";

const [ORDER] = firstOrders("gateway", 1);
const SHARD: ShardStatus = {
  ...{ name: "shard-1", leader: "n1", term: 3, commitIndex: 9 },
  ...{ orders: 2, keys: 5, shareOfRing: 1, shareOfOrders: 1 },
};
const SERVICE: ServiceStatus = {
  ...{ id: "s1", state: "healthy", port: 1, pid: 1, restarts: 0 },
  ...{ picks: 0, share: 0, failures: 0, retries: 0, ejections: 0 },
  latency: { queueMs: 0, processingMs: 0, transmissionMs: 0, meanMs: 0, p99Ms: 0 },
};
const LED: ClusterStatus = {
  ...{ leader: "n1", term: 3, shards: [SHARD], nodes: [], services: [SERVICE] },
};

const { leader: _leader, ...LEADERLESS } = LED;

describe("the gateway and an order service", () => {
  let kv: MemoryShards;
  let status: ClusterStatus;
  let isReady: boolean;
  let service: ReturnType<typeof createOrderService>;
  let services: OrderServices;
  let gateway: ReturnType<typeof createGateway>;
  let live: (lastMinutes: number) => LiveStatus | undefined;

  beforeEach(async () => {
    kv = new MemoryShards(3);
    status = LED;
    isReady = true;
    live = () => undefined;
    service = createOrderService(kv, () => isReady);
    const { port } = new URL(await service.listen({ host: "127.0.0.1", port: 0 }));
    services = new OrderServices([{ id: "s1", host: "127.0.0.1", port: Number(port) }]);
    const metrics = new Metrics(async () => status);
    const traffic = new Traffic(systemClock);
    const { dependencies } = new MemoryConfig();
    gateway = createGateway({
      ...{ services, ...dependencies, status: async () => status, metrics, traffic },
      rank: async () => rankInMemory(kv.reviews.all()),
      locks: async () => [{ name: "dispatch", holders: [], waiting: 1 }],
      live: async (lastMinutes) => live(lastMinutes),
    });
  });

  afterEach(async () => {
    await gateway.close();
    await services[Symbol.asyncDispose]();
    await service.close();
  });

  const place = (order: unknown, headers: Record<string, string> = {}) =>
    gateway.inject({ method: "POST", url: "/orders", payload: order as object, headers });

  it("tells what was counted of as many minutes as are asked for, or that nothing is", async () => {
    const ask = (query: string) => gateway.inject({ method: "GET", url: `/live${query}` });
    expect((await ask("")).statusCode).toBe(503);
    expect((await ask("")).json()).toMatchObject({ detail: expect.stringContaining("--no-live") });
    const asked: number[] = [];
    live = (minutes) => {
      asked.push(minutes);
      return { orders: 7 } as LiveStatus;
    };
    for (const query of ["", "?minutes=1", "?minutes=9999"]) {
      expect((await ask(query)).json()).toEqual({ orders: 7 });
    }
    expect(asked).toEqual([15, 1, 1_440]);
    expect((await ask("?minutes=0")).statusCode).toBe(400);
    expect((await ask("?hours=1")).statusCode).toBe(400);
    live = () => {
      throw new KvError("unavailable", "no node answered in time");
    };
    expect((await ask("")).statusCode).toBe(503);
  });

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

  describe("a review", () => {
    const reviewed = async () => {
      const order = (await place(ORDER)).json<Order>();
      const url = `/orders/${order.id}/review`;
      const put = (payload: object) => gateway.inject({ method: "PUT", url, payload });
      return { order, put, get: () => gateway.inject(url) };
    };

    it("belongs to an order and its merchant; a later one takes its place", async () => {
      const { order, put, get } = await reviewed();
      expectProblem(await get(), 404);
      const first = await put({ stars: 2, text: "late" });
      expect(first.statusCode).toBe(200);
      const { id: orderId, merchantId } = order;
      expect(first.json()).toEqual({ orderId, merchantId, stars: 2, text: "late" });
      const second = await put({ stars: 4, text: "better today" });
      expect((await get()).json()).toEqual(second.json());
    });

    it("ranks its merchant among all, with the words that are written most", async () => {
      const reviews = [
        { merchantId: "good", stars: 5, text: "hot, hot and on time" },
        { merchantId: "good", stars: 4, text: "hot" },
        { merchantId: "bad", stars: 1, text: "late" },
      ];
      for (const { merchantId, ...payload } of reviews) {
        const { id } = (await place({ ...ORDER, merchantId })).json<Order>();
        await gateway.inject({ method: "PUT", url: `/orders/${id}/review`, payload });
      }
      const answer = await gateway.inject({ method: "POST", url: "/rankings" });
      expect(answer.json()).toEqual({
        merchants: [
          {
            ...{ merchantId: "good", reviews: 2, meanStars: 4.5, score: 24 / 7 },
            words: ["hot", "and", "on", "time"],
          },
          { merchantId: "bad", reviews: 1, meanStars: 1, score: 16 / 6, words: ["late"] },
        ],
      });
    });

    it("of no order, or with other stars than 1 to 5, is refused", async () => {
      const url = "/orders/nobody/review";
      const payload = { stars: 3, text: "" };
      expectProblem(await gateway.inject({ method: "PUT", url, payload }), 404);
      const { put, get } = await reviewed();
      for (const stars of [0, 6, 2.5, "5"]) expectProblem(await put({ stars, text: "" }), 400);
      expectProblem(await get(), 404);
    });

    it("whose outcome is unknown says so, and can be put again", async () => {
      const { order, put, get } = await reviewed();
      const payload = { stars: 5, text: "hot" };
      // Trouble begins once the order is read: the review is applied, and nobody hears of it.
      for (const store of kv.stores.values()) store.troubleOfWrites = "timeout";
      const first = await put(payload);
      expectProblem(first, 504);
      expect(first.json()).toMatchObject({ outcome: "unknown", orderId: order.id });
      for (const store of kv.stores.values()) store.troubleOfWrites = undefined;
      expect((await put(payload)).statusCode).toBe(200);
      expect((await get()).json()).toMatchObject(payload);
    });
  });

  it("puts an order under the id of its sender, once, and the same for ever", async () => {
    const url = "/orders/01a1fdf9-2f10-7163-b412-c8428a3e2123";
    const put = (payload: object) => gateway.inject({ method: "PUT", url, payload });
    const first = await put(ORDER!);
    const again = await put(ORDER!);
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.json()).toEqual(first.json());
    expect([first.headers["location"], again.headers["idempotent-replayed"]]).toEqual([
      url,
      "true",
    ]);
    expectProblem(await put({ ...ORDER, customerId: "c0" }), 409);
    expect((await gateway.inject(url)).json()).toEqual(first.json());
    const list = await gateway.inject(`/merchants/${ORDER!.merchantId}/orders`);
    expect(list.json<{ orders: unknown[] }>().orders).toHaveLength(1);
  });

  it("a repeated PUT settles an unknown outcome", async () => {
    const put = () => gateway.inject({ method: "PUT", url: "/orders/o1", payload: ORDER! });
    kv.trouble = "timeout"; // after it was applied
    expect((await put()).statusCode).toBe(504);
    kv.trouble = undefined;
    expect((await put()).statusCode).toBe(200);
  });

  it("places a plain POST under the id that the gateway drew", async () => {
    kv.trouble = "timeout";
    const { orderId } = (await place(ORDER)).json<{ orderId: string }>();
    kv.trouble = undefined;
    expect((await gateway.inject(`/orders/${orderId}`)).statusCode).toBe(200);
  });

  it("the service is ready until it is on its way out, and live all the time", async () => {
    const statusOf = async (url: string) => (await service.inject(url)).statusCode;
    expect([await statusOf("/health"), await statusOf("/health/ready")]).toEqual([200, 200]);
    isReady = false;
    expectProblem(await service.inject("/health/ready"), 503);
    expect([await statusOf("/health"), await statusOf("/health/live")]).toEqual([503, 200]);
  });

  it("is not healthy when no service is", async () => {
    status = { ...LED, services: [{ ...SERVICE, state: "unhealthy" }] };
    expectProblem(await gateway.inject("/healthz"), 503);
    status = { ...LED, services: [{ ...SERVICE, state: "unhealthy" }, SERVICE] };
    expect((await gateway.inject("/healthz")).statusCode).toBe(200);
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
    status = { ...LEADERLESS, shards: [SHARD, second] };
    const answer = await gateway.inject("/healthz");
    expectProblem(answer, 503);
    expect(answer.json<{ detail: string }>().detail).toBe("no node leads shard-2 at the moment");
  });

  it("shows the configuration, and changes one setting of it", async () => {
    const found = await gateway.inject("/config");
    expect(found.json()).toMatchObject({ revision: 1, features: { acceptOrders: true } });
    const payload = { name: "features.acceptOrders", value: "false" };
    const changed = await gateway.inject({ method: "PATCH", url: "/config", payload });
    expect(changed.json()).toMatchObject({ revision: 2, features: { acceptOrders: false } });
  });

  it.each([
    ["features.teleport", "true", "there is features.acceptOrders"],
    ["features.acceptOrders", "maybe", "must be true or false, not maybe"],
    ["shards.shard-1", "n1", "shards are fixed"],
  ])("refuses to set %s to %s", async (name, value, reason) => {
    const payload = { name, value };
    const answer = await gateway.inject({ method: "PATCH", url: "/config", payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain(reason);
    expect((await gateway.inject("/config")).json()).toMatchObject({ revision: 1 });
  });

  it("takes no new orders while features.acceptOrders is false, and answers reads", async () => {
    const { id } = (await place(ORDER)).json<Order>();
    const payload = { name: "features.acceptOrders", value: "false" };
    await gateway.inject({ method: "PATCH", url: "/config", payload });
    const refused = await place(ORDER);
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(refused.body).toContain("features.acceptOrders is false");
    expect((await gateway.inject(`/orders/${id}`)).statusCode).toBe(200);
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
