/**
 * Balanced requests by undici 7: a dispatcher for `fetch`, and an interceptor.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createLoadBalancer } from "@quorate/load-balancer";
 * import { createBalancedDispatcher } from "@quorate/load-balancer/undici";
 * import { fetch } from "undici"; // Node's own does as well
 *
 * const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
 * await new Promise((listening) => server.once("listening", listening));
 * const { port } = server.address() as { port: number };
 *
 * const balancer = createLoadBalancer({ endpoints: [{ id: "a", host: "127.0.0.1", port }] });
 * const dispatcher = createBalancedDispatcher(balancer);
 * const response = await fetch("http://orders/", { dispatcher });
 * console.log(await response.text());
 *
 * await dispatcher.close();
 * await balancer.stop();
 * server.close();
 * ```
 *
 * @packageDocumentation
 */
export { createBalancedDispatcher, type BalancedDispatcherOptions } from "./balanced-dispatcher.ts";
export { balance } from "./balance.ts";
export type { BalanceDependencies, BalanceOptions } from "./options.ts";
