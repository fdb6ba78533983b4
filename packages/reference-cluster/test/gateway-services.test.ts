import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@quorate/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { serviceStatuses } from "../src/cluster/service-status.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { Metrics } from "../src/gateway/metrics.ts";
import { OrderServices } from "../src/gateway/order-services.ts";
import { Traffic } from "../src/gateway/traffic.ts";
import { firstOrders } from "../src/orders/order-generator.ts";
import { MemoryConfig } from "./memory-config.ts";

const [ORDER] = firstOrders("services", 1);

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const answering =
  (status: number): Behaviour =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end("{}");
  };
/** As of a process that is killed with the request in its hands. */
const dying: Behaviour = ({ socket }) => socket.destroy();
/** Its port is free again: connections are refused. */
const GONE = undefined;

/** What a service got, apart from health checks. */
interface Received {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly id: unknown;
}

describe("the gateway over its services", () => {
  const received: Received[] = [];
  const cleanUps: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    received.length = 0;
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  /** Services s1, s2 … that behave so; each is tried once if all fail. */
  async function gatewayOver(...behaviours: readonly (Behaviour | undefined)[]) {
    const endpoints = [];
    for (const [at, behaviour] of behaviours.entries()) {
      const id = `s${at + 1}`;
      const server = createServer((request, response) => {
        request.resume();
        request.once("end", () => {
          if (request.url === "/health/ready") return answering(200)(request, response);
          const { method = "", url = "", headers } = request;
          received.push({ service: id, method, url, id: headers["quorate-order-id"] });
          return behaviour?.(request, response);
        });
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      endpoints.push({ id, host: "127.0.0.1", port: (server.address() as AddressInfo).port });
      const close = async (): Promise<void> => {
        server.closeAllConnections();
        if (server.listening) await once(server.close(), "close");
      };
      if (behaviour === GONE) await close();
      cleanUps.push(close);
    }
    const services = new OrderServices(endpoints);
    const status = async () => ({
      ...{ term: 0, shards: [], nodes: [], services: serviceStatuses(services, []) },
    });
    const metrics = new Metrics(status);
    const traffic = new Traffic(systemClock);
    const { dependencies } = new MemoryConfig();
    const gateway = createGateway({
      ...{ services, ...dependencies, status, metrics, traffic },
      ...{ locks: async () => [], rank: async () => [], live: async () => undefined },
    });
    cleanUps.unshift(
      () => gateway.close(),
      () => services[Symbol.asyncDispose](),
    );
    return { gateway, services };
  }

  type Gateway = Awaited<ReturnType<typeof gatewayOver>>["gateway"];
  const put = (gateway: Gateway) =>
    gateway.inject({ method: "PUT", url: "/orders/o1", payload: ORDER! });
  const post = (gateway: Gateway, headers: Record<string, string> = {}) =>
    gateway.inject({ method: "POST", url: "/orders", payload: ORDER!, headers });

  it.each([
    ["a PUT", put],
    ["a GET", (gateway: Gateway) => gateway.inject("/orders/o1")],
    ["a HEAD", (gateway: Gateway) => gateway.inject({ method: "HEAD", url: "/orders/o1" })],
    [
      "a POST with an Idempotency-Key",
      (gateway: Gateway) => post(gateway, { "idempotency-key": "k" }),
    ],
  ])("%s that met a dying service is answered by another one", async (_, send) => {
    const { gateway, services } = await gatewayOver(dying, dying, answering(200));
    // At the same time, so that each service is picked first by some.
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(gateway)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(12).fill(200));
    expect(received.some(({ service }) => service !== "s3")).toBe(true);
    const [one, two, three] = serviceStatuses(services, []);
    expect(one!.failures + two!.failures).toBe(received.length - 12);
    expect(one!.retries + two!.retries + three!.retries).toBe(received.length - 12);
  });

  it("a plain POST that met a dying service is not sent again: 504, with the id to look under", async () => {
    const { gateway } = await gatewayOver(dying, dying);
    const answer = await post(gateway);
    expect(answer.statusCode).toBe(504);
    expect(received).toHaveLength(1);
    const { outcome, orderId, detail } = answer.json<Record<string, string>>();
    expect([outcome, orderId]).toEqual(["unknown", received[0]!.id]);
    expect(detail).toContain(`GET /orders/${orderId}`);
  });

  it("a plain POST goes elsewhere when nothing of it was sent", async () => {
    const { gateway } = await gatewayOver(GONE, GONE, answering(201));
    for (let at = 0; at < 6; at++) expect((await post(gateway)).statusCode).toBe(201);
    expect(received).toHaveLength(6);
  });

  it("answers 503 when no service got the order: it is surely not placed", async () => {
    const { gateway } = await gatewayOver(GONE, GONE);
    for (const answer of [await put(gateway), await post(gateway)]) {
      expect(answer.statusCode).toBe(503);
      expect(answer.json<{ detail: string }>().detail).toContain("will not be");
      expect(answer.headers["retry-after"]).toBe("1");
    }
  });

  it("a service's word that an order is not placed does not hold for another one that died with it", async () => {
    const { gateway } = await gatewayOver(dying, answering(503));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        gateway.inject({ method: "PUT", url: `/orders/o${at}`, payload: ORDER! }),
      ),
    );
    const metDying = received.filter(({ service }) => service === "s1").map(({ url }) => url);
    expect(metDying).not.toHaveLength(0);
    for (const [at, { statusCode }] of answers.entries()) {
      expect(statusCode).toBe(metDying.includes(`/orders/o${at}`) ? 504 : 503);
    }
  });

  it.each([503, 504])(
    "does not take a %i, of shards without a leader, for a fault of the service",
    async (status) => {
      const { gateway, services } = await gatewayOver(answering(status), answering(status));
      for (let at = 0; at < 10; at++) expect((await put(gateway)).statusCode).toBe(status);
      expect(received).toHaveLength(10);
      for (const service of serviceStatuses(services, [])) {
        expect(service).toMatchObject({ state: "healthy", failures: 0, retries: 0, ejections: 0 });
      }
    },
  );

  it("ejects a service that fails, and tells so in the status and the metrics", async () => {
    const { gateway, services } = await gatewayOver(answering(500), answering(200));
    // At the same time: of one that fails the policy keeps away.
    const answers = await Promise.all(Array.from({ length: 20 }, () => put(gateway)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
    const { failures } = serviceStatuses(services, [])[0]!;
    expect(failures).toBeGreaterThanOrEqual(5);
    const status = (await gateway.inject("/status")).json<{ services: unknown[] }>();
    expect(status.services).toMatchObject([
      { id: "s1", state: "ejected", ejections: 1 },
      { id: "s2", state: "healthy", failures: 0, retries: failures },
    ]);
    const { body } = await gateway.inject("/metrics");
    expect(body).toContain('quorate_service_ejections_total{service="s1"} 1');
    expect(body).toContain('quorate_service_healthy{service="s1"} 0');
    expect((await put(gateway)).headers["quorate-served-by"]).toBe("s2");
  });

  it("tells how often each was picked, and of which parts its latency was", async () => {
    const { gateway, services } = await gatewayOver(answering(200), answering(200));
    for (let at = 0; at < 20; at++) await put(gateway);
    const statuses = serviceStatuses(services, []);
    expect(statuses.reduce((sum, { picks }) => sum + picks, 0)).toBe(20);
    expect(statuses.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    for (const { latency } of statuses) {
      const { queueMs, processingMs, transmissionMs, meanMs } = latency;
      expect(queueMs + processingMs + transmissionMs).toBeCloseTo(meanMs);
    }
  });

  it("does not pass on a client's own id for a new order, nor headers that are no service's business", async () => {
    const { gateway } = await gatewayOver(answering(201));
    await post(gateway, { "quorate-order-id": "mine" });
    expect(received[0]!.id).not.toBe("mine");
  });
});
