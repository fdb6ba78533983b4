import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DnsResolver,
  resolveEndpoints,
  type ResolveEndpointsOptions,
  type SrvRecord,
} from "../../src/dns/index.ts";
import type { Endpoint } from "../../src/endpoint.ts";

type Answer = readonly string[] | Error;

/** Gives its answers in turn, then the last one for ever; counts the queries. */
function scripted(answers: readonly Answer[]): DnsResolver & { queries: number } {
  const resolver = {
    queries: 0,
    resolve4: async () => {
      const answer = answers[Math.min(resolver.queries++, answers.length - 1)] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    resolve6: async () => {
      throw new Error("no AAAA");
    },
    resolveSrv: async () => {
      throw new Error("no SRV");
    },
  };
  return resolver;
}

function services(records: readonly SrvRecord[]): DnsResolver {
  return { ...scripted([]), resolveSrv: async () => records };
}

async function first(
  resolver: DnsResolver,
  options: Partial<ResolveEndpointsOptions>,
): Promise<readonly Endpoint[]> {
  for await (const snapshot of resolveEndpoints(
    { name: "orders.test", port: 80, ...options },
    { resolver },
  )) {
    return snapshot;
  }
  return [];
}

/** Collects snapshots in the background. */
function collect(answers: readonly Answer[], options: Partial<ResolveEndpointsOptions> = {}) {
  const clock = new VirtualClock();
  const resolver = scripted(answers);
  const stop = new AbortController();
  const seen: string[][] = [];
  const errors: [string, number][] = [];
  const done = (async () => {
    for await (const snapshot of resolveEndpoints(
      {
        name: "orders.test",
        port: 80,
        intervalMs: 10_000,
        jitter: 0,
        signal: stop.signal,
        onError: (error, failures) => errors.push([error.message, failures]),
        ...options,
      },
      { resolver, clock, random: seededRandom(1) },
    )) {
      seen.push(snapshot.map(({ host }) => host));
    }
  })();
  return { clock, resolver, stop, seen, errors, done };
}

describe("resolveEndpoints", () => {
  it("yields a snapshot when the records change, not when a server rotates them", async () => {
    const run = collect([["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"], ["10.0.0.3"]]);
    await run.clock.advance(0);
    expect(run.seen).toEqual([["10.0.0.1", "10.0.0.2"]]);
    await run.clock.advance(10_000);
    expect(run.resolver.queries).toBe(2);
    expect(run.seen).toHaveLength(1);
    await run.clock.advance(10_000);
    expect(run.seen.at(-1)).toEqual(["10.0.0.3"]);
    run.stop.abort();
    await run.done;
  });

  it("a failure keeps the last snapshot, is reported, and is tried again sooner", async () => {
    const refused = new Error("queryA ESERVFAIL orders.test");
    const run = collect([["10.0.0.1"], refused, refused, ["10.0.0.1"], ["10.0.0.2"]]);
    await run.clock.advance(10_000);
    expect(run.errors).toEqual([[refused.message, 1]]);
    await run.clock.advance(1_000);
    expect(run.errors).toHaveLength(2);
    await run.clock.advance(2_000);
    expect(run.resolver.queries).toBe(4);
    expect(run.seen).toEqual([["10.0.0.1"]]);
    await run.clock.advance(10_000);
    expect(run.seen).toEqual([["10.0.0.1"], ["10.0.0.2"]]);
    run.stop.abort();
    await run.done;
  });

  it("retries back off up to the interval", async () => {
    const run = collect([new Error("down")], { intervalMs: 4_000 });
    await run.clock.advance(0);
    for (const waitMs of [1_000, 2_000, 4_000, 4_000]) {
      const before = run.resolver.queries;
      await run.clock.advance(waitMs - 1);
      expect(run.resolver.queries).toBe(before);
      await run.clock.advance(1);
      expect(run.resolver.queries).toBe(before + 1);
    }
    run.stop.abort();
    await run.done;
  });

  it("ends without an error when the signal aborts during a pause", async () => {
    const run = collect([["10.0.0.1"]]);
    await run.clock.advance(0);
    run.stop.abort(new Error("stop"));
    await expect(run.done).resolves.toBeUndefined();
  });

  it("ends at once when whoever waits for the next snapshot leaves, as a balancer that is stopped", async () => {
    const clock = new VirtualClock();
    const resolver = scripted([["10.0.0.1"]]);
    const endpoints = resolveEndpoints({ name: "orders", port: 80 }, { resolver, clock });
    const iterator = endpoints[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    await clock.advance(1);
    await iterator.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(clock.now()).toBe(1);
  });

  it("ends when the signal aborts during a query; its later failure goes nowhere", async () => {
    let fail: (error: Error) => void = () => {};
    const resolver = {
      ...scripted([]),
      resolve4: () => new Promise<never>((_, no) => (fail = no)),
    };
    const stop = new AbortController();
    const options = { name: "orders.test", port: 80, signal: stop.signal };
    const iterator = resolveEndpoints(options, { resolver })[Symbol.asyncIterator]();
    const next = iterator.next();
    stop.abort();
    await expect(next).resolves.toMatchObject({ done: true });
    fail(new Error("too late")); // vitest fails the run on an unhandled rejection
    await new Promise(setImmediate);
  });

  it("pauses differ by at most the jitter", async () => {
    const delays: number[] = [];
    const clock = new VirtualClock();
    const recording = {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      setTimer: (delayMs: number, fire: () => void) => {
        delays.push(delayMs);
        return clock.setTimer(delayMs, fire);
      },
    };
    const stop = new AbortController();
    const options = { name: "orders.test", port: 80, intervalMs: 1_000, jitter: 0.2 };
    const done = (async () => {
      for await (const _ of resolveEndpoints(
        { ...options, signal: stop.signal },
        { resolver: scripted([["10.0.0.1"]]), clock: recording, random: seededRandom(7) },
      )) {
        // only the first answer is a change
      }
    })();
    for (let poll = 0; poll < 50; poll++) await clock.advance(1_200);
    stop.abort();
    await done;
    expect(delays.length).toBeGreaterThan(40);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_200);
    expect(new Set(delays).size).toBeGreaterThan(40);
  });

  it("`any` takes what one family has when the other fails, and brackets IPv6 in URLs", async () => {
    const both = { ...scripted([["10.0.0.1"]]), resolve6: async () => ["fd00::1"] };
    expect((await first(both, { records: "any" })).map(({ url }) => url)).toEqual([
      "http://10.0.0.1:80",
      "http://[fd00::1]:80",
    ]);
    const onlyV4 = await first(scripted([["10.0.0.1"]]), { records: "any" });
    expect(onlyV4).toHaveLength(1);
  });

  it("rejects options out of range, naming them", () => {
    for (const [options, named] of [
      [{ name: "" }, "name"],
      [{ name: "x" }, "port"],
      [{ name: "x", port: 0 }, "port"],
      [{ name: "x", port: 80, intervalMs: 0 }, "intervalMs"],
      [{ name: "x", port: 80, jitter: 2 }, "jitter"],
    ] as const) {
      expect(() => resolveEndpoints(options)).toThrow(named);
    }
  });
});

describe("SRV records", () => {
  it("RFC 2782: lower priority first, as ranks; ports and weights are the record's", async () => {
    const records = [
      { name: "backup.test.", port: 81, priority: 20, weight: 5 },
      { name: "main.test", port: 80, priority: 10, weight: 60 },
    ];
    expect(await first(services(records), { records: "srv", protocol: "https" })).toEqual([
      {
        id: "backup.test:81",
        url: "https://backup.test:81",
        host: "backup.test",
        port: 81,
        weight: 5,
        priority: 1,
      },
      {
        id: "main.test:80",
        url: "https://main.test:80",
        host: "main.test",
        port: 80,
        weight: 60,
        priority: 0,
      },
    ]);
  });

  it('RFC 2782: a target of "." means that the service is not available', async () => {
    const none = services([{ name: ".", port: 0, priority: 0, weight: 0 }]);
    expect(await first(none, { records: "srv" })).toEqual([]);
  });

  it("RFC 2782: weight 0 has a very small share beside others; all zero share equally", async () => {
    const record = fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e"),
      port: fc.integer({ min: 1, max: 3 }),
      priority: fc.integer({ min: 0, max: 2 }),
      weight: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(record, { selector: (r) => r.name }), async (records) => {
        const endpoints = await first(services(records), { records: "srv" });
        expect(endpoints).toHaveLength(records.length);
        for (const [at, endpoint] of endpoints.entries()) {
          const source = records.find(({ name }) => name === endpoint.host);
          for (const other of endpoints.slice(at + 1)) {
            const rival = records.find(({ name }) => name === other.host);
            if (!source || !rival) throw new Error("an endpoint came from nowhere");
            const byPriority = Math.sign(source.priority - rival.priority);
            const ranks = Math.sign((endpoint.priority ?? 0) - (other.priority ?? 0));
            expect(ranks).toBe(byPriority);
            if (byPriority !== 0) continue;
            const weights = Math.sign((endpoint.weight ?? 0) - (other.weight ?? 0));
            expect(weights).toBe(Math.sign(source.weight - rival.weight));
          }
        }
      }),
    );
  });
});
