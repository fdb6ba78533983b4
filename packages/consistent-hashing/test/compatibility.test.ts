import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  createEnvoyMaglev,
  createEnvoyRing,
  createJump,
  createKetama,
  jumpHash,
  type Locator,
} from "../src/index.ts";
import type { PlacedLocator } from "../src/placed-locator.ts";
import guava from "./vectors/guava.json" with { type: "json" };
import { KETAMA_CASES, KETAMA_SERVERS } from "./vectors/ketama-cases.ts";
import libmemcached from "./vectors/libmemcached.json" with { type: "json" };

describe("ketama", () => {
  it("libmemcached's own test cases: the hash and the server of each key", () => {
    const ketama = createKetama({ nodes: KETAMA_SERVERS });
    for (const [key, hash, server] of KETAMA_CASES) {
      expect(ketama.hashOf(key)).toBe(hash);
      expect(ketama.locate(key)).toBe(`10.0.1.${server}:11211`);
    }
  });

  it("libmemcached's boundary case: VDEAAAAA is beyond the last point", () => {
    const ketama = createKetama({ nodes: KETAMA_SERVERS });
    expect(ketama.hashOf("VDEAAAAA")).toBe(0xfffcd1b5);
    expect(ketama.locate("VDEAAAAA")).toBe(ketama.locateHash(0));
  });

  it.each(libmemcached.map((one) => [one.servers, one.indexes] as const))(
    "libmemcached itself (test/vectors/libmemcached.c) with %s",
    (servers, indexes) => {
      const nodes = servers.split(",").map((server) => {
        const [name = "", weight] = server.split(" ");
        return { name, weight: Number(weight) };
      });
      const ketama = createKetama({ nodes });
      const located = indexes.map((_, index) => ketama.locate(`user:${index * 7_919}`));
      expect(located).toEqual(indexes.map((index) => nodes[index]?.name));
    },
  );

  it("libketama's test.sh: the checksum of the points and servers of a million keys", () => {
    const ketama = createKetama({ nodes: KETAMA_SERVERS, client: "libketama" });
    const { starts } = (ketama as PlacedLocator).segments() ?? { starts: new Float64Array() };
    const points = Array.from(starts.subarray(1), (start) => start - 1);
    const digest = createHash("md5").update("\n");
    for (let key = 0; key < 1_000_000; key++) {
      const hash = ketama.hashOf(String(key)) as number;
      digest.update(`${hash} ${pointAfter(points, hash)} ${ketama.locateHash(hash)}\n`);
    }
    expect(digest.digest("hex")).toBe("5672b131391f5aa2b280936aec1eea74");
  });

  it("libketama's Python test: two servers of 600 and 400", () => {
    const nodes = [
      { name: "127.0.0.1:11211", weight: 600 },
      { name: "127.0.0.1:11212", weight: 400 },
    ];
    const ketama = createKetama({ nodes, client: "libketama" });
    expect(ketama.hashOf("test")).toBe(3_446_378_249);
    expect(ketama.locate("test")).toBe("127.0.0.1:11211");
  });
});

function pointAfter(points: readonly number[], hash: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] as number) < hash) low = middle + 1;
    else high = middle;
  }
  return points[low % points.length] as number;
}

const HOSTS = [90, 91, 92, 93, 94, 95].map((port) => `127.0.0.1:${port}`);

function assignments(locator: Locator, hosts: readonly string[], count: number): number[] {
  return Array.from({ length: count }, (_, hash) => hosts.indexOf(locator.locateHash(hash)));
}

describe("Envoy's Maglev (maglev_lb_test.cc)", () => {
  it("Basic, by address", () => {
    const maglev = createEnvoyMaglev({ nodes: HOSTS, tableSize: 7 });
    const expected = [2, 4, 0, 1, 5, 0, 3];
    expect(assignments(maglev, HOSTS, 21)).toEqual([...expected, ...expected, ...expected]);
  });

  it("BasicStability: the hosts' order does not matter", () => {
    const maglev = createEnvoyMaglev({ nodes: HOSTS.toReversed(), tableSize: 7 });
    expect(assignments(maglev, HOSTS, 7)).toEqual([2, 4, 0, 1, 5, 0, 3]);
  });

  it("BasicWithHostName", () => {
    const hosts = ["90", "91", "92", "93", "94", "95"];
    const maglev = createEnvoyMaglev({ nodes: hosts, tableSize: 7 });
    expect(assignments(maglev, hosts, 7)).toEqual([2, 5, 0, 3, 4, 1, 0]);
  });

  it("Weighted, and LocalityWeightedSameLocalityWeights, and …DifferentLocalityWeights", () => {
    const weighted = (first: number, second: number): number[] => {
      const nodes = [
        { name: "127.0.0.1:90", weight: first },
        { name: "127.0.0.1:91", weight: second },
      ];
      return assignments(createEnvoyMaglev({ nodes, tableSize: 17 }), HOSTS, 17);
    };
    expect(weighted(1, 2)).toEqual([1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1]);
    expect(weighted(1, 1)).toEqual([1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1]);
    expect(weighted(8, 2)).toEqual([1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  });

  it("takes hashes of 64 bits modulo the table's size", () => {
    const maglev = createEnvoyMaglev({ nodes: HOSTS, tableSize: 65_537 });
    for (const hash of [0n, 2n ** 32n, 2n ** 63n + 12_345n, 2n ** 64n - 1n, 0x0b242d361fda71bcn]) {
      expect(maglev.locateHash(hash)).toBe(maglev.locateHash(hash % 65_537n));
    }
  });
});

describe("Envoy's ring hash (ring_hash_lb_test.cc)", () => {
  it("Basic: the positions and hosts of a ring of 12", () => {
    const ring = createEnvoyRing({ nodes: HOSTS, minimumRingSize: 12 });
    const points: readonly (readonly [bigint, number])[] = [
      [833437586790550860n, 94],
      [928266305478181108n, 92],
      [1033482794131418490n, 90],
      [3551244743356806947n, 95],
      [3851675632748031481n, 93],
      [5583722120771150861n, 91],
      [6311230543546372928n, 91],
      [7700377290971790572n, 93],
      [13144177310400110813n, 95],
      [13444792449719432967n, 92],
      [15516499411664133160n, 94],
      [16117243373044804889n, 90],
    ];
    for (const [index, [position, port]] of points.entries()) {
      expect(ring.locateHash(position)).toBe(`127.0.0.1:${port}`);
      const next = points[(index + 1) % points.length]?.[1];
      expect(ring.locateHash(position + 1n)).toBe(`127.0.0.1:${next}`);
    }
    expect(ring.locateHash(0n)).toBe("127.0.0.1:94");
    expect(ring.locateHash(2n ** 64n - 1n)).toBe("127.0.0.1:94");
  });

  it("BasicWithRetryHostPredicate: who comes next", () => {
    const ring = createEnvoyRing({ nodes: HOSTS, minimumRingSize: 12 });
    const key = Array.from({ length: 10_000 }, (_, index) => `key-${index}`).find(
      (candidate) => (ring.hashOf(candidate) as bigint) <= 833437586790550860n,
    );
    const order = ring.locateAll(key ?? "", 3);
    expect(order).toEqual(["127.0.0.1:94", "127.0.0.1:92", "127.0.0.1:90"]);
  });

  it("HostWeightedTinyRing: one, two and three points", () => {
    const nodes = HOSTS.slice(0, 3).map((name, index) => ({ name, weight: index + 1 }));
    const ring = createEnvoyRing({ nodes, minimumRingSize: 6, maximumRingSize: 6 });
    const expected: readonly (readonly [bigint, number])[] = [
      [928266305478181108n, 2],
      [4443673547860492590n, 2],
      [5583722120771150861n, 1],
      [6311230543546372928n, 1],
      [13444792449719432967n, 2],
      [16117243373044804889n, 0],
    ];
    for (const [position, host] of expected) expect(ring.locateHash(position)).toBe(HOSTS[host]);
  });

  it("HostWeightedLargeRing: hits of 6,000 positions", () => {
    const nodes = HOSTS.slice(0, 3).map((name, index) => ({ name, weight: index + 1 }));
    const ring = createEnvoyRing({ nodes, minimumRingSize: 6_144 });
    const counts = [0, 0, 0];
    const step = (2n ** 64n - 1n) / 6_000n;
    for (let index = 0n; index < 6_000n; index++) {
      const host = HOSTS.indexOf(ring.locateHash(index * step));
      counts[host] = (counts[host] ?? 0) + 1;
    }
    expect(counts).toEqual([987, 1_932, 3_081]);
  });

  it("UnevenHosts: two hosts and a least size of 3 make a ring of 4", () => {
    const ring = createEnvoyRing({
      nodes: ["127.0.0.1:80", "127.0.0.1:81"],
      minimumRingSize: 3,
    });
    const points = [
      5454692015285649509n,
      7859399908942313493n,
      13838424394637650569n,
      16064866803292627174n,
    ];
    expect(points.map((point) => ring.locateHash(point).slice(-2))).toEqual([
      "80",
      "81",
      "80",
      "81",
    ]);
    expect(ring.locateHash(16064866803292627175n)).toBe("127.0.0.1:80");
    expect(ring.memoryBytes()).toBe(4 * 12);
  });
});

describe("jump consistent hash", () => {
  it("Guava's HashingTest: linearCongruentialGeneratorCompatibility", () => {
    expect([1, 2, 3, 4, 5].map((key) => jumpHash(key, 100))).toEqual([55, 62, 8, 45, 59]);
  });

  it("Guava itself (test/vectors/Guava.java), to 2^31-1 buckets", () => {
    for (const [key, ...expected] of guava.keys) {
      const actual = guava.buckets.map((buckets) => jumpHash(BigInt(key ?? 0), buckets, "guava"));
      expect(actual).toEqual(expected);
    }
  });

  it("Guava's consistentHash(murmur3_32_fixed().hashString(key, UTF_8), n)", () => {
    for (const [key, , buckets, expected] of guava.murmur) {
      const nodes = Array.from({ length: Number(buckets) }, (_, index) => String(index));
      const jump = createJump({ nodes, rounding: "guava" });
      expect(jump.locate(String(key))).toBe(String(expected));
    }
  });

  it("where Google's arithmetic and Guava's differ, each has its own answer", () => {
    const keys = [1833918789404052651n, 11885384256820354671n, 11248019972127486685n];
    expect(keys.map((key) => jumpHash(key, 3_136, "guava"))).toEqual([996, 220, 574]);
    expect(keys.map((key) => jumpHash(key, 3_136, "google"))).toEqual([981, 219, 567]);
  });

  it("takes a signed key for the same 64 bits", () => {
    expect(jumpHash(-1, 1_000)).toBe(jumpHash(2n ** 64n - 1n, 1_000));
    expect(jumpHash(-1n, 1_000)).toBe(jumpHash(2n ** 64n - 1n, 1_000));
  });
});
