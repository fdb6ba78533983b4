import { describe, expect, it } from "vitest";
import { LoadBalancerError } from "../src/load-balancer-error.ts";
import { POLICY_NAMES, type PolicyName } from "../src/core/policy-options.ts";
import { policyCompliance, Table } from "./policy-compliance.ts";

for (const kind of POLICY_NAMES) policyCompliance({ kind });

describe("round robin", () => {
  it("takes each in turn", () => {
    const table = new Table({ kind: "round-robin" }, [5, 1, 1]);
    expect(Array.from({ length: 7 }, () => table.pick(0))).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });
});

describe("smooth weighted round robin", () => {
  const letters = (weights: readonly number[], count: number): string => {
    const table = new Table({ kind: "weighted-round-robin" }, weights);
    return Array.from({ length: count }, () => "abcdef"[table.pick(0)]).join("");
  };

  it("golden (nginx commit 52327e0627f4): {5, 1, 1} gives a a b a c a a", () => {
    expect(letters([5, 1, 1], 14)).toBe("aabacaaaabacaa");
  });

  it("golden: {4, 3, 2, 1}, and the same again when it repeats", () => {
    expect(letters([4, 3, 2, 1], 20)).toBe("abcabdacbaabcabdacba");
  });

  it("the sequence that is kept is the one that nginx's loop gives, also of weights not whole", () => {
    for (const weights of [
      [7, 3, 5, 1, 4],
      [2, 4, 6],
      [0.5, 1.25, 2],
      [1, 1, 1],
      [2.5, 2.5],
    ]) {
      const table = new Table({ kind: "weighted-round-robin" }, weights);
      const loop = nginxLoop(weights);
      for (let pick = 0; pick < 200; pick++) expect(table.pick(0)).toBe(loop());
    }
  });
});

/** The loop of ngx_http_upstream_get_peer, step by step. */
function nginxLoop(weights: readonly number[]): () => number {
  const peers = weights.map((weight) => ({ weight, current: 0 }));
  return () => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const peer of peers) peer.current += peer.weight;
    const best = peers.reduce((a, b) => (b.current > a.current ? b : a));
    best.current -= total;
    return peers.indexOf(best);
  };
}

describe("weights", () => {
  const byWeight: readonly PolicyName[] = ["weighted-random", "weighted-round-robin", "ring-hash"];
  it.each(byWeight)("%s: shares are as the weights", (kind) => {
    const table = new Table({ kind }, [1, 2, 5]);
    const counts = [0, 0, 0];
    for (let at = 0; at < 16_000; at++) counts[table.pick(0, `k${at}`)]!++;
    for (const [at, weight] of [1, 2, 5].entries()) {
      expect(counts[at]! / 16_000).toBeGreaterThan((weight / 8) * 0.75);
      expect(counts[at]! / 16_000).toBeLessThan((weight / 8) * 1.25);
    }
  });

  it.each(["least-requests", "two-choices", "adaptive"] as const)(
    "%s: requests in flight settle as the weights do",
    (kind) => {
      const table = new Table({ kind, bias: 1 }, [1, 3]);
      for (let at = 0; at < 400; at++) table.pick(0);
      const share = table.fleet.inFlight[1]! / 400;
      expect(share).toBeGreaterThan(0.6);
      expect(share).toBeLessThan(0.9);
    },
  );
});

describe("least requests", () => {
  it("golden (Envoy): the greatest weight / (active + 1)^bias is picked", () => {
    const table = new Table({ kind: "least-requests", bias: 2 }, [4, 1]);
    // 4/1 > 1; 4/4 = 1 a tie; after it 4/9 < 1 and so on: nobody is above the other's next.
    for (let at = 0; at < 300; at++) {
      const scores = [0, 1].map((slot) => [4, 1][slot]! / (table.fleet.inFlight[slot]! + 1) ** 2);
      expect(scores[table.pick(0)]).toBe(Math.max(...scores));
    }
  });

  it("of equals any is picked, not always the first", () => {
    const picked = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      picked.add(new Table({ kind: "least-requests" }, [1, 1, 1], seed).pick(0));
    }
    expect(picked.size).toBe(3);
  });
});

describe("fast failures", () => {
  it.each(["peak-ewma", "least-response-time", "adaptive", "prequal"] as const)(
    "%s: an endpoint that fails in a tenth of the time gets less than its fair share",
    (kind) => {
      const table = new Table({ kind }, [1, 1, 1, 1]);
      let nowMs = 0;
      let toFailing = 0;
      for (let at = 0; at < 2_000; at++) {
        const slot = table.pick(nowMs);
        for (let probe = table.policy.nextProbe?.(nowMs) ?? -1; probe >= 0;) {
          table.policy.probed?.(probe, nowMs, 0, probe === 0 ? 1 : 10);
          probe = table.policy.nextProbe?.(nowMs) ?? -1;
        }
        const failed = slot === 0;
        nowMs += failed ? 1 : 10;
        if (failed) toFailing++;
        table.finish(slot, nowMs, failed ? 1 : 10, failed);
      }
      expect(toFailing).toBeLessThan(500);
    },
  );
});

describe("adaptive", () => {
  it("an endpoint that was slow is tried again after a time, and used once it is fast", () => {
    const table = new Table({ kind: "adaptive", forgetMs: 1_000 }, [1, 1]);
    let nowMs = 0;
    const slotTries: number[] = [];
    for (let at = 0; at < 3_000; at++) {
      const slot = table.pick(nowMs);
      if (slot === 0) slotTries.push(nowMs);
      const latencyMs = slot === 0 && nowMs < 5_000 ? 100 : 10;
      nowMs += 10;
      table.finish(slot, nowMs, latencyMs);
    }
    expect(slotTries.length).toBeGreaterThan(1);
    expect(slotTries.filter((atMs) => atMs > 20_000).length).toBeGreaterThan(5);
  });
});

describe("hashing", () => {
  it.each(["ring-hash", "maglev"] as const)(
    "%s: one key, one endpoint; of an endpoint that leaves only its own keys move",
    (kind) => {
      const table = new Table({ kind }, [1, 1, 1, 1]);
      const keys = Array.from({ length: 400 }, (_, at) => `session:${at}`);
      const before = keys.map((key) => table.pick(0, key));
      expect(keys.map((key) => table.pick(1, key))).toEqual(before);
      table.use(table.slots.slice(0, 3));
      const moved = keys.filter((key, at) => before[at] !== 3 && table.pick(2, key) !== before[at]);
      expect(moved.length).toBeLessThanOrEqual(kind === "ring-hash" ? 0 : 20);
    },
  );

  it("bounded load: a hot key spills over before its endpoint has more than the factor allows", () => {
    const table = new Table({ kind: "bounded-load", loadFactor: 1.25 }, [1, 1, 1, 1]);
    for (let at = 0; at < 100; at++) {
      table.pick(0, "hot");
      const most = Math.max(...table.fleet.inFlight.subarray(0, 4));
      expect(most).toBeLessThanOrEqual(Math.ceil((1.25 * (at + 1)) / 4));
    }
  });
});

describe("policy options", () => {
  it("what is out of range is refused by name", () => {
    expect(() => new Table({ kind: "peak-ewma", decayMs: 0 }, [1])).toThrow(LoadBalancerError);
    expect(() => new Table({ kind: "bounded-load", loadFactor: 1 }, [1])).toThrow("loadFactor");
    expect(() => new Table({ kind: "no" as "random" }, [1])).toThrow("no policy");
  });
});
