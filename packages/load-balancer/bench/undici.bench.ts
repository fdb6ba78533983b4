import { defineBench, measured } from "@quorate/bench";
import { type Dispatcher, fetch, Pool } from "undici";
import { createLoadBalancer } from "../src/index.ts";
import { createBalancedDispatcher } from "../src/undici/index.ts";
import { alternating, closedLoop } from "./support/alternate.ts";
import { startChild } from "./support/child.ts";

const CONNECTIONS = 32;

/** What a balanced GET costs, against a bare pool to the same one server, in the same run. */
export default defineBench(async (options) => {
  const server = await startChild("./bench-server.ts");
  const origin = `http://127.0.0.1:${server.port}`;
  const slices = { count: options.quick ? 4 : 20, requests: options.quick ? 500 : 800 };
  const balancer = createLoadBalancer({
    endpoints: [{ id: "only", host: "127.0.0.1", port: server.port }],
  });
  await balancer.start();
  const bare = new Pool(origin, { connections: CONNECTIONS });
  const balanced = createBalancedDispatcher(balancer, { pool: { connections: CONNECTIONS } });
  const byRequest = (dispatcher: Dispatcher) =>
    closedLoop(CONNECTIONS, async () => {
      const { body } = await dispatcher.request({ origin, path: "/small", method: "GET" });
      await body.dump();
    });
  const byFetch = (dispatcher: Dispatcher) =>
    closedLoop(CONNECTIONS, async () => {
      await (await fetch(`${origin}/small`, { dispatcher })).arrayBuffer();
    });
  try {
    const rows = [];
    for (const [how, work] of [
      ["request", byRequest],
      ["fetch", byFetch],
    ] as const) {
      const runs = alternating({ balanced: work(balanced), bare: work(bare) }, slices);
      rows.push(
        await measured(options, {
          case: `GET by undici's ${how}, one server, ${CONNECTIONS} connections`,
          unit: "requests/s",
          ours: runs.balanced,
          peers: { "undici Pool": runs.bare },
          goal: ({ ours, peers }) => {
            const goal = 0.95 * peers["undici Pool"];
            return { goal, met: ours >= goal };
          },
        }),
      );
    }
    return rows;
  } finally {
    await Promise.all([bare.close(), balanced.close()]);
    await balancer.stop();
    await server.stop();
  }
});
