import express from "express";
import fastify from "fastify";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { createProxyHandler, fastifyProxy } from "../../src/http/index.ts";
import { FakeBalancer } from "../undici/fake-balancer.ts";
import { testServer } from "../undici/test-server.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function handlerToEcho() {
  const server = await testServer((incoming, response) => {
    response.setHeader("x-path", incoming.url ?? "");
    incoming.pipe(response);
  });
  const handler = createProxyHandler(new FakeBalancer([server.port]).balancer);
  cleanUps.push(
    () => server.close(),
    () => handler.close(),
  );
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
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    cleanUps.push(async () => server.closeAllConnections());
    const { port } = server.address() as AddressInfo;
    expect(await echoed(port, "/api/orders?x=1")).toEqual(["/orders?x=1", '{"sent":true}']);
  });

  it("Fastify: a plugin with a prefix; bodies are not read by Fastify", async () => {
    const app = fastify();
    app.post("/own", (_, reply) => reply.send("own"));
    await app.register(fastifyProxy(await handlerToEcho()), { prefix: "/api" });
    await app.listen({ host: "127.0.0.1", port: 0 });
    cleanUps.push(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    expect(await echoed(port, "/api/orders?x=1")).toEqual(["/api/orders?x=1", '{"sent":true}']);
    expect(await echoed(port, "/api")).toEqual(["/api", '{"sent":true}']);
    expect((await echoed(port, "/own"))[1]).toBe("own");
  });
});
