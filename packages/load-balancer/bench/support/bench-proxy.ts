/** A proxy in front of one server, in a process of its own: `ours`, `fastify` or `pipe`. */
import { Agent, createServer, request as httpRequest } from "node:http";
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
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  proxy.attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function fastifys(): Promise<number> {
  const app = fastify({ keepAliveTimeout: 0, requestTimeout: 0 });
  await app.register(httpProxy, {
    upstream: `http://127.0.0.1:${upstreamPort}`,
    undici: { connections: CONNECTIONS },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

/** The least that a proxy by `node:http` alone can do: no balancing, no headers rewritten. */
async function pipe(): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const server = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
    (request, response) => {
      const { url: path, method, headers } = request;
      const upstream = httpRequest({
        host: "127.0.0.1",
        port: upstreamPort,
        path,
        method,
        headers,
        agent,
      });
      upstream.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      upstream.on("error", () => response.destroy());
      request.pipe(upstream);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const kinds: Readonly<Record<string, () => Promise<number>>> = { ours, fastify: fastifys, pipe };
process.once("disconnect", () => process.exit());
process.send?.(await kinds[kind ?? "ours"]?.());
