import { once } from "node:events";
import { fetch, request } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createLoadBalancer,
  type LoadBalancer,
  type LoadBalancerOptions,
} from "../../src/index.ts";
import { createBalancedDispatcher } from "../../src/undici/index.ts";
import { deadPort, serve } from "./test-server.ts";

function balanced(ports: readonly number[], options: Partial<LoadBalancerOptions> = {}) {
  const balancer: LoadBalancer = createLoadBalancer({
    endpoints: ports.map((port) => ({ id: String(port), host: "127.0.0.1", port })),
    ...options,
  });
  const dispatcher = createBalancedDispatcher(balancer);
  onTestFinished(() => balancer.stop());
  onTestFinished(() => dispatcher.destroy());
  return { balancer, dispatcher };
}

describe("the dispatcher with the balancer itself", () => {
  it("spreads requests, and counts the three parts of each one's latency", async () => {
    const servers = [
      await serve((_, response) => response.end("a")),
      await serve((_, response) => response.end("b")),
    ];
    const ports = servers.map(({ port }) => port);
    const { balancer, dispatcher } = balanced(ports, { policy: "round-robin" });
    for (let at = 0; at < 10; at++) await (await fetch("http://orders/", { dispatcher })).text();
    expect(servers.map(({ requests }) => requests.length)).toEqual([5, 5]);
    for (const metrics of balancer.metrics().endpoints) {
      expect(metrics).toMatchObject({ successes: 5, failures: 0, inFlight: 0 });
      expect(metrics.processing.count).toBe(5);
    }
  });

  it("an endpoint that leaves the fleet has its connections closed after its last answer", async () => {
    let finish = (): void => {};
    const server = await serve((_, response) => {
      response.write("first ");
      finish = () => response.end("last");
    });
    const { balancer, dispatcher } = balanced([server.port]);
    const connected = once(server.server, "connection");
    const { body } = await request("http://orders/", { dispatcher });
    const [socket] = (await connected) as [NodeJS.EventEmitter];
    const closed = once(socket, "close");
    balancer.update([]);
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
      code: "no-endpoints",
    });
    finish();
    expect(await body.text()).toBe("first last");
    await closed;
    expect(balancer.endpoints).toEqual([]);
  });

  it("retries within the budget, and ejects who fails", async () => {
    const good = await serve((_, response) => response.end("good"));
    const { balancer, dispatcher } = balanced([await deadPort(), good.port], {
      policy: "round-robin",
      outlierDetection: { consecutiveErrors: 3, maxEjectionPercent: 50 },
    });
    for (let at = 0; at < 20; at++) {
      expect(await (await fetch("http://orders/", { dispatcher })).text()).toBe("good");
    }
    expect(balancer.metrics().retries).toBe(3);
    expect(balancer.endpoints.map(({ state }) => state)).toContain("ejected");
  });

  it("waits at the concurrency limit, and no longer than the queue's deadline", async () => {
    let answer = (): void => {};
    const server = await serve((_, response) => (answer = () => response.end("done")));
    const { balancer, dispatcher } = balanced([server.port], {
      concurrency: { limit: 1 },
      pending: { max: 10, timeoutMs: 20 },
    });
    const first = fetch("http://orders/1", { dispatcher });
    await once(server.server, "request");
    await expect(request("http://orders/2", { dispatcher })).rejects.toMatchObject({
      code: "deadline",
    });
    answer();
    expect(await (await first).text()).toBe("done");
    expect(server.requests).toEqual(["GET /1"]);
    expect(balancer.metrics()).toMatchObject({ deadlines: 1, inFlight: 0 });
  });

  it("a `url` that cannot be connected to fails the request, and leaves nothing in flight", async () => {
    const { balancer, dispatcher } = balanced([], {
      endpoints: [{ id: "odd", url: "http://orders/with/a/path", host: "orders", port: 80 }],
    });
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
      code: "UND_ERR_INVALID_ARG",
    });
    expect(balancer.metrics().inFlight).toBe(0);
  });
});
