import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { describe, expect, it } from "vitest";
import { createLoadBalancer, httpCheck, type LoadBalancer } from "../src/index.ts";
import { createBalancedDispatcher } from "../src/undici/index.ts";
import { Ledger } from "./real-servers/ledger.ts";
import { RealServer } from "./real-servers/real-server.ts";

const SERVERS = 5;
const CALLERS = 12;
const FAULT_MS = 1_300;
const CALM_MS = 700;
const RECOVERY_DEADLINE_MS = 5_000;
/** One request in so many is a POST. */
const POST_EVERY = 5;

function balancerOver(servers: readonly RealServer[]): LoadBalancer {
  return createLoadBalancer({
    endpoints: servers.map(({ port }, at) => ({ id: `s${at}`, host: "127.0.0.1", port })),
    // By default a server that failed is tried again only after half a minute while the others, idle
    // for the most part, do it all.
    policy: { kind: "adaptive", forgetMs: 500 },
    outlierDetection: { intervalMs: 500, baseEjectionMs: 500, maxEjectionPercent: 40 },
    healthCheck: {
      check: httpCheck({ path: "/health" }),
      intervalMs: 100,
      timeoutMs: 300,
      unhealthyThreshold: 2,
    },
  });
}

interface Tally {
  gets: number;
  answered: number;
  readonly posts: string[];
  readonly failures: string[];
}

/** Asks until told to stop, and pauses for a moment after each answer. */
async function caller(dispatcher: Dispatcher, name: string, tally: Tally, running: () => boolean) {
  for (let number = 0; running(); number++) {
    const isPost = number % POST_EVERY === 0;
    const path = `/${name}-${number}`;
    try {
      const { statusCode, body } = await dispatcher.request({
        origin: "http://orders",
        path,
        method: isPost ? "POST" : "GET",
        ...(isPost && { body: "pay" }),
      });
      await body.dump();
      if (!isPost && statusCode === 200) tally.answered++;
      else if (!isPost) tally.failures.push(`${path}: ${statusCode}`);
    } catch (error) {
      if (!isPost) tally.failures.push(`${path}: ${String(error)}`);
    }
    if (isPost) tally.posts.push(path);
    else tally.gets++;
    await sleep(3);
  }
}

type Faults = readonly (readonly [
  string,
  (s: RealServer) => unknown,
  (s: RealServer) => unknown,
])[];

const FAULTS: Faults = [
  ["killed", (server) => server.kill(), (server) => server.start()],
  ["paused", (server) => server.pause(), (server) => server.resume()],
  ["slow", (server) => server.behave("slow"), (server) => server.behave("well")],
  ["answers 500", (server) => server.behave("fail"), (server) => server.behave("well")],
  ["killed again", (server) => server.kill(), (server) => server.start()],
];

async function withServers(run: (servers: readonly RealServer[]) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-real-servers-"));
  const servers = Array.from({ length: SERVERS }, (_, at) => new RealServer(join(folder, `${at}`)));
  try {
    await Promise.all(servers.map((server) => server.start()));
    await run(servers);
  } finally {
    await Promise.all(servers.map((server) => server.kill()));
    await rm(folder, { recursive: true });
  }
}

describe("five real servers under load, each in turn killed, paused, slow, answering 500", () => {
  it("≥ 99.9 % of idempotent requests succeed, and no other request is sent twice", async () => {
    await withServers(async (servers) => {
      const ledger = new Ledger();
      const tally: Tally = { gets: 0, answered: 0, posts: [], failures: [] };
      await using balancer = balancerOver(servers);
      balancer.onChange((event) => ledger.event(event));
      await balancer.start();
      const dispatcher = createBalancedDispatcher(balancer, { pool: { headersTimeout: 800 } });
      let running = true;
      const callers = Array.from({ length: CALLERS }, (_, at) =>
        caller(dispatcher, `c${at}`, tally, () => running),
      );
      const watch = watchAnswers(balancer, ledger, () => running);
      for (const [at, [name, strike, heal]] of FAULTS.entries()) {
        const server = servers[at] as RealServer;
        await sleep(CALM_MS);
        const fault = ledger.begin(name, `s${at}`);
        await strike(server);
        await sleep(FAULT_MS);
        await heal(server);
        fault.untilMs = performance.now();
      }
      const deadline = sleep(RECOVERY_DEADLINE_MS, undefined, { ref: false });
      await Promise.race([ledger.whenAllRecovered(), deadline]);
      running = false;
      await Promise.all([...callers, watch]);
      await dispatcher.close();
      report(ledger, tally, balancer);

      expect(tally.gets).toBeGreaterThan(1_000);
      expect(tally.answered / tally.gets).toBeGreaterThanOrEqual(0.999);
      const arrived = servers.flatMap(({ posts }) => posts);
      expect(arrived.length).toBe(new Set(arrived).size);
      expect(arrived.length).toBeGreaterThan(tally.posts.length / 2);
      for (const fault of ledger.faults) {
        expect(ledger.recoveryMs(fault), `${fault.name}: is asked again`).toBeGreaterThanOrEqual(0);
      }
    });
  }, 60_000);
});

/** Successes of each endpoint, as the balancer counts them. */
async function watchAnswers(balancer: LoadBalancer, ledger: Ledger, running: () => boolean) {
  const before = new Map<string, number>();
  while (running()) {
    for (const { id, successes } of balancer.metrics().endpoints) {
      if (successes > (before.get(id) ?? 0)) ledger.answered(id);
      before.set(id, successes);
    }
    await sleep(10);
  }
}

function report(ledger: Ledger, tally: Tally, balancer: LoadBalancer): void {
  const { retries, budgetExhausted } = balancer.metrics();
  const lines = ledger.faults.map((fault) => {
    const ejection = Math.round(ledger.ejectionMs(fault));
    const recovery = Math.round(ledger.recoveryMs(fault));
    const out = Number.isNaN(ejection) ? "not taken out" : `taken out after ${ejection} ms`;
    return `${fault.endpoint} ${fault.name}: ${out}, asked again ${recovery} ms after its end`;
  });
  const percent = ((100 * tally.answered) / tally.gets).toFixed(3);
  console.log(
    [
      `${tally.answered} of ${tally.gets} GETs answered (${percent} %), ${retries} retries, ` +
        `${budgetExhausted} refused by the budget; ${tally.posts.length} POSTs`,
      ...lines,
      ...tally.failures,
    ].join("\n"),
  );
}
