/** A proxy in front of one server, in a process of its own: `ours` or `fastify`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import httpProxy from "@fastify/http-proxy";
import fastify from "fastify";
import { createProxyHandler } from "../../src/http/index.ts";
import { createLoadBalancer } from "../../src/index.ts";

const [kind, upstreamPort] = process.argv.slice(2);
const CONNECTIONS = 32;

async function ours(): Promise<number> {
  const balancer = createLoadBalancer({
    endpoints: [{ id: "only", host: "127.0.0.1", port: Number(upstreamPort) }],
  });
  await balancer.start();
  const proxy = createProxyHandler(balancer, { pool: { connections: CONNECTIONS } });
  const server = createServer({ keepAliveTimeout: 60_000 });
  proxy.attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function fastifys(): Promise<number> {
  const app = fastify({ keepAliveTimeout: 60_000 });
  await app.register(httpProxy, {
    upstream: `http://127.0.0.1:${upstreamPort}`,
    undici: { connections: CONNECTIONS },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

process.once("disconnect", () => process.exit());
process.send?.(kind === "ours" ? await ours() : await fastifys());
