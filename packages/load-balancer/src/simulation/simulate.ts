import { type Random, seededRandom } from "@quorate/runtime";
import type { OutlierOptions } from "../core/outlier-detector.ts";
import type { MakePolicy } from "../core/policy.ts";
import type { CoreOptions } from "../core/balancer-core.ts";
import { EventHeap } from "./event-heap.ts";
import type { Scenario } from "./scenario.ts";
import { ServerLatencies } from "./server-latencies.ts";
import { SimulatedServer } from "./simulated-server.ts";
import { SimulatedClient } from "./simulated-client.ts";

/** What clients experienced after the warm-up. */
export interface SimulationResult {
  /** Requests that ended well, maybe after retries. */
  readonly succeeded: number;
  /** Requests whose last attempt failed. */
  readonly failed: number;
  /** Of the latencies of those that succeeded, milliseconds from the first attempt. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Attempts that each server got, relative to an equal share: 1 is its fair share. */
  readonly shares: readonly number[];
}

export interface SimulateOptions {
  /** The same seed gives the same result, and the same requests to every policy. @default 1 */
  readonly seed?: number;
  /** Each client's own ejection of outliers. @default false: the policy is judged by itself */
  readonly outlierDetection?: OutlierOptions | false;
}

/**
 * Runs a fleet under a policy, each client with what it knows itself; or under the oracle, which
 * knows when each server would have done this very request, and takes the first.
 */
export function simulate(
  scenario: Scenario,
  policy: MakePolicy | "oracle",
  { seed = 1, outlierDetection = false }: SimulateOptions = {},
): SimulationResult {
  const options = policy === "oracle" ? policy : { policy, outlierDetection };
  return new Run(scenario, options, seededRandom(seed)).result();
}

interface Request {
  client: number;
  server: number;
  work: number;
  firstAtMs: number;
  attemptAtMs: number;
  attempts: number;
  rifAtArrival: number;
  failed: boolean;
  /** Servers, as ids. */
  readonly tried: Set<string>;
}

interface Probe {
  client: number;
  server: number;
}

class Run {
  readonly #scenario: Scenario;
  readonly #networkMs: number;
  readonly #servers: readonly SimulatedServer[];
  readonly #latencies: readonly ServerLatencies[];
  readonly #clients: readonly SimulatedClient[];
  readonly #arrivals: Random;
  readonly #events = new EventHeap();
  readonly #requests: Request[] = [];
  readonly #freeRequests: number[] = [];
  readonly #probes: Probe[] = [];
  readonly #freeProbes: number[] = [];
  readonly #measured: number[] = [];
  readonly #attempts: Float64Array;
  #failed = 0;

  constructor(scenario: Scenario, options: CoreOptions | "oracle", random: Random) {
    const { clients, servers, networkMs = 0.25 } = scenario;
    this.#scenario = scenario;
    this.#networkMs = networkMs;
    this.#servers = servers.map((plan) => new SimulatedServer(plan));
    this.#latencies = servers.map(() => new ServerLatencies());
    this.#arrivals = random.fork("arrivals");
    this.#attempts = new Float64Array(servers.length);
    this.#clients =
      options === "oracle"
        ? []
        : Array.from(
            { length: clients },
            (_, at) => new SimulatedClient(servers.length, options, random.fork(`client ${at}`)),
          );
  }

  result(): SimulationResult {
    const { durationMs, requestsPerSecond, clients, meanServiceMs } = this.#scenario;
    let arrivalMs = 0;
    for (;;) {
      arrivalMs += (-Math.log(1 - this.#arrivals.next()) * 1_000) / requestsPerSecond;
      this.#runUntil(Math.min(arrivalMs, durationMs));
      if (arrivalMs > durationMs) break;
      const client = Math.floor(this.#arrivals.next() * clients);
      const work = -Math.log(1 - this.#arrivals.next()) * meanServiceMs;
      this.#arrive(client, work, arrivalMs);
    }
    this.#runUntil(Infinity);
    return this.#summary();
  }

  #arrive(client: number, work: number, nowMs: number): void {
    const at = this.#freeRequests.pop() ?? this.#requests.length;
    const request = (this.#requests[at] ??= {
      client,
      server: 0,
      work,
      firstAtMs: nowMs,
      attemptAtMs: nowMs,
      attempts: 0,
      rifAtArrival: 0,
      failed: false,
      tried: new Set(),
    });
    request.client = client;
    request.work = work;
    request.firstAtMs = nowMs;
    request.attempts = 0;
    request.tried.clear();
    this.#send(at, request, nowMs);
  }

  #send(at: number, request: Request, nowMs: number): void {
    const there = nowMs + this.#networkMs;
    const client = this.#clients[request.client];
    const slot = client ? client.pick(nowMs, request.tried) : this.#best(there, request.work);
    const server = this.#servers[slot] as SimulatedServer;
    request.server = slot;
    request.attemptAtMs = nowMs;
    request.attempts++;
    request.tried.add(String(slot));
    if (nowMs >= this.#scenario.warmUpMs) {
      this.#attempts[slot] = (this.#attempts[slot] as number) + 1;
    }
    const failsAfterMs = server.failsAfterMs(there);
    request.failed = failsAfterMs > 0;
    request.rifAtArrival = server.inFlight++;
    const endMs = request.failed ? there + failsAfterMs : server.accept(there, request.work);
    this.#events.push(endMs + this.#networkMs, at * 2);
    if (client) this.#sendProbes(request.client, client, nowMs);
  }

  #sendProbes(at: number, client: SimulatedClient, nowMs: number): void {
    for (let slot = client.nextProbe(nowMs); slot >= 0; slot = client.nextProbe(nowMs)) {
      const index = this.#freeProbes.pop() ?? this.#probes.length;
      const probe = (this.#probes[index] ??= { client: at, server: slot });
      probe.client = at;
      probe.server = slot;
      this.#events.push(nowMs + 2 * this.#networkMs, index * 2 + 1);
    }
  }

  #runUntil(untilMs: number): void {
    while (this.#events.nextAtMs < untilMs) {
      const nowMs = this.#events.nextAtMs;
      const event = this.#events.pop();
      if (event % 2 === 0) this.#finish(event / 2, nowMs);
      else this.#answerProbe((event - 1) / 2, nowMs);
    }
  }

  #finish(at: number, nowMs: number): void {
    const request = this.#requests[at] as Request;
    const server = this.#servers[request.server] as SimulatedServer;
    server.inFlight--;
    const latencyMs = nowMs - request.attemptAtMs;
    this.#clients[request.client]?.finished(request.server, nowMs, latencyMs, request.failed);
    if (!request.failed) {
      this.#latencies[request.server]?.add(request.rifAtArrival, latencyMs - 2 * this.#networkMs);
    } else if (request.attempts <= (this.#scenario.retries ?? 2)) {
      this.#send(at, request, nowMs);
      return;
    }
    if (request.firstAtMs >= this.#scenario.warmUpMs) {
      if (request.failed) this.#failed++;
      else this.#measured.push(nowMs - request.firstAtMs);
    }
    this.#freeRequests.push(at);
  }

  /** A server that fails, fails its probes, too: the client never hears of it. */
  #answerProbe(index: number, nowMs: number): void {
    const { client, server } = this.#probes[index] as Probe;
    this.#freeProbes.push(index);
    if (this.#servers[server]?.failsAfterMs(nowMs)) return;
    const { inFlight } = this.#servers[server] as SimulatedServer;
    const latencyMs = (this.#latencies[server] as ServerLatencies).medianNear(inFlight);
    this.#clients[client]?.probed(server, nowMs, inFlight, latencyMs);
  }

  /** Knows also what will happen while the request is there. */
  #best(nowMs: number, work: number): number {
    let best = 0;
    let bestEndMs = Infinity;
    for (const [at, server] of this.#servers.entries()) {
      if (server.failsAfterMs(nowMs) > 0) continue;
      const endMs = server.wouldEndAtMs(nowMs, work);
      if (endMs >= bestEndMs) continue;
      best = at;
      bestEndMs = endMs;
    }
    return best;
  }

  #summary(): SimulationResult {
    const sorted = Float64Array.from(this.#measured).sort();
    const percentile = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
    const total = this.#attempts.reduce((sum, count) => sum + count, 0);
    return {
      succeeded: sorted.length,
      failed: this.#failed,
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
      p999Ms: percentile(0.999),
      shares: Array.from(this.#attempts, (count) => (count * this.#attempts.length) / total),
    };
  }
}
