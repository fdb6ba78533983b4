import { type BenchOptions, defineBench, measured, type Row } from "@quorate/bench";
import { type Dispatcher, fetch, Pool } from "undici";
import { createLoadBalancer } from "../src/index.ts";
import { createBalancedDispatcher } from "../src/undici/index.ts";
import { alternating, closedLoop, type Work } from "./support/alternate.ts";
import { startChild } from "./support/child.ts";

const CONNECTIONS = 32;
/** Of a bare pool's throughput. */
const GOAL = 0.95;

/** What a balanced GET costs, against a bare pool to the same one server, in the same run. */
export default defineBench(async (options) => {
  const server = await startChild("./bench-server.ts");
  const origin = `http://127.0.0.1:${server.port}`;
  const balancer = createLoadBalancer({
    endpoints: [{ id: "only", host: "127.0.0.1", port: server.port }],
  });
  await balancer.start();
  const bare = new Pool(origin, { connections: CONNECTIONS });
  const balanced = createBalancedDispatcher(balancer, { pool: { connections: CONNECTIONS } });
  const byRequest = (dispatcher: Dispatcher): Work =>
    closedLoop(CONNECTIONS, async () => {
      const { body } = await dispatcher.request({ origin, path: "/small", method: "GET" });
      await body.dump();
    });
  const byFetch = (dispatcher: Dispatcher): Work =>
    closedLoop(CONNECTIONS, async () => {
      await (await fetch(`${origin}/small`, { dispatcher })).arrayBuffer();
    });
  try {
    return [
      ...(await compare(options, "request", byRequest(balanced), byRequest(bare))),
      ...(await compare(options, "fetch", byFetch(balanced), byFetch(bare))),
    ];
  } finally {
    await Promise.all([bare.close(), balanced.close()]);
    await balancer.stop();
    await server.stop();
  }
});

async function compare(
  options: BenchOptions,
  how: string,
  balanced: Work,
  bare: Work,
): Promise<(Row | undefined)[]> {
  const slices = { count: options.quick ? 4 : 40, requests: options.quick ? 500 : 400 };
  const { runs, ratio, processorMicros } = alternating({ balanced, bare }, slices);
  const name = `GET by undici's ${how}, one server, ${CONNECTIONS} connections`;
  const rate = await measured(options, {
    case: name,
    unit: "requests/s",
    ours: runs.balanced,
    peers: { "undici Pool": runs.bare },
  });
  if (rate === undefined) return [];
  const once = { ...options, runs: 1 };
  return [
    rate,
    await measured(once, {
      case: `${name}: throughput, median of paired ratios`,
      unit: "× a bare Pool's",
      ours: async () => ({ value: ratio("bare") }),
      goal: ({ ours }) => ({ goal: GOAL, met: ours >= GOAL }),
    }),
    await measured(once, {
      case: `${name}: processor time of the client`,
      unit: "µs",
      ours: async () => ({ value: processorMicros("balanced") }),
      peers: { "undici Pool": async () => ({ value: processorMicros("bare") }) },
    }),
  ];
}
