import { type BenchOptions, defineBench, measured, type Row, type Run } from "@quorate/bench";
import { Pool } from "undici";
import { alternating, closedLoop, type Work } from "./support/alternate.ts";
import { type Child, startChild } from "./support/child.ts";
import { startNginx } from "./support/nginx.ts";
import { processorSeconds } from "./support/processor-time.ts";

const CONNECTIONS = 32;

/**
 * The proxy handler beside @fastify/http-proxy and nginx: each in a process of its own in front of
 * the same server. On two cores client, proxy and server are in each other's way, so what a proxy
 * costs is seen best in the processor time that its process uses for a request.
 */
export default defineBench(async (options) => {
  const server = await startChild("./bench-server.ts");
  const upstream = [String(server.port)];
  const ours = await startChild("./bench-proxy.ts", ["ours", ...upstream]);
  const fastify = await startChild("./bench-proxy.ts", ["fastify", ...upstream]);
  const pipe = await startChild("./bench-proxy.ts", ["pipe", ...upstream]);
  const nginx = await startNginx(server.port);
  try {
    const peers = { "@fastify/http-proxy": fastify, "node:http and pipe": pipe };
    const proxies = { ours, ...peers, ...(nginx && { nginx }) };
    const rows: (Row | undefined)[] = [];
    for (const [name, path, bytes] of [
      ["GET of 128 bytes", "/small", undefined],
      ["GET of 64 KiB", "/large", undefined],
      ["POST of 16 KiB", "/small", 16_384],
    ] as const) {
      rows.push(...(await compare(options, name, proxies, path, bytes)));
    }
    return rows;
  } finally {
    await Promise.all([ours.stop(), fastify.stop(), pipe.stop(), nginx?.stop()]);
    await server.stop();
  }
});

async function compare(
  options: BenchOptions,
  name: string,
  proxies: Readonly<Record<string, Child>>,
  path: string,
  bodyBytes: number | undefined,
): Promise<(Row | undefined)[]> {
  const body = bodyBytes === undefined ? undefined : Buffer.alloc(bodyBytes, "x");
  const pools: Pool[] = [];
  const times: Record<string, { requests: number; seconds: number }> = {};
  const works: Record<string, Work> = {};
  for (const [proxy, { port, pid }] of Object.entries(proxies)) {
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS });
    pools.push(pool);
    const time = (times[proxy] = { requests: 0, seconds: 0 });
    const loop = closedLoop(CONNECTIONS, async () => {
      const request = { path, method: body ? "POST" : "GET", ...(body && { body }) };
      await (await pool.request(request)).body.dump();
    });
    works[proxy] = async (requests) => {
      const before = processorSeconds(pid);
      await loop(requests);
      time.requests += requests;
      time.seconds += processorSeconds(pid) - before;
    };
  }
  const slices = { count: options.quick ? 2 : 6, requests: options.quick ? 300 : 600 };
  const { ours, ...peers } = alternating(works, slices).runs as Record<string, Run> & {
    ours: Run;
  };
  const rate = await measured(options, {
    case: `proxy, ${name}, ${CONNECTIONS} connections`,
    unit: "requests/s",
    ours,
    peers,
    goal: ({ ours: value, peers: values }) => {
      const goal = values["@fastify/http-proxy"] ?? 0;
      return { goal, met: value >= goal };
    },
  });
  await Promise.all(pools.map((pool) => pool.close()));
  const cost = (proxy: string) => async () => {
    const { requests, seconds } = times[proxy] ?? { requests: 1, seconds: Number.NaN };
    return { value: (1_000_000 * seconds) / requests };
  };
  if (!rate) return [rate];
  const processor = await measured(
    { ...options, runs: 1 },
    {
      case: `proxy, ${name}: processor time a request`,
      unit: "µs",
      ours: cost("ours"),
      peers: Object.fromEntries(Object.keys(peers).map((proxy) => [proxy, cost(proxy)])),
      goal: ({ ours: value, peers: values }) => {
        const goal = values["@fastify/http-proxy"] ?? 0;
        return { goal, met: value <= goal };
      },
    },
  );
  return [rate, processor];
}
