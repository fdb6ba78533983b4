import express from "express";
import fastify from "fastify";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { createProxyHandler, fastifyProxy } from "../../src/http/index.ts";
import { FakeBalancer } from "../undici/fake-balancer.ts";
import { serve } from "../undici/test-server.ts";

async function handlerToEcho() {
  const server = await serve((incoming, response) => {
    response.setHeader("x-path", incoming.url ?? "");
    incoming.pipe(response);
  });
  const handler = createProxyHandler(new FakeBalancer([server.port]).balancer);
  onTestFinished(() => handler.close());
  return handler;
}

async function echoed(port: number, path: string): Promise<[unknown, string]> {
  const { headers, body } = await request(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"sent":true}',
  });
  return [headers["x-path"], await body.text()];
}

describe("frameworks", () => {
  it("Express: the handler is a middleware; the mount path is taken off", async () => {
    const app = express();
    app.use("/api", await handlerToEcho());
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    onTestFinished(async () => server.closeAllConnections());
    const { port } = server.address() as AddressInfo;
    expect(await echoed(port, "/api/orders?x=1")).toEqual(["/orders?x=1", '{"sent":true}']);
  });

  it("Fastify: a plugin with a prefix; bodies are not read by Fastify", async () => {
    const app = fastify();
    app.post("/own", (_, reply) => reply.send("own"));
    await app.register(fastifyProxy(await handlerToEcho()), { prefix: "/api" });
    await app.listen({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    expect(await echoed(port, "/api/orders?x=1")).toEqual(["/api/orders?x=1", '{"sent":true}']);
    expect(await echoed(port, "/api")).toEqual(["/api", '{"sent":true}']);
    expect((await echoed(port, "/own"))[1]).toBe("own");
  });
});
