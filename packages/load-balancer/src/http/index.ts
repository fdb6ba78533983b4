/**
 * A reverse proxy for `node:http`, Express and Fastify, over a balancer's endpoints. Needs undici 7.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createLoadBalancer } from "@quorate/load-balancer";
 * import { createProxyHandler } from "@quorate/load-balancer/http";
 *
 * const balancer = createLoadBalancer({ endpoints: [{ id: "a", host: "10.0.0.1", port: 8080 }] });
 * const proxy = createProxyHandler(balancer, { affinity: { cookie: "session-server" } });
 * const server = createServer();
 * proxy.attach(server);
 * server.listen(0, "127.0.0.1", () => server.close());
 * ```
 *
 * @packageDocumentation
 */
export {
  createProxyHandler,
  type ProxyHandler,
  type ProxyHandlerDependencies,
} from "./proxy-handler.ts";
export type { ForwardingOptions, ProxyHandlerOptions } from "./options.ts";
export type { SessionAffinity } from "./session-affinity.ts";
export { type FastifyLike, fastifyProxy, type FastifyProxyOptions } from "./fastify-proxy.ts";
