import { murmur3, xxh64 } from "../src/index.ts";

/** Second implementations, slow and by the book: arrays, sorting, bigints, `Math.log`. */

const MASK32 = 0xffffffffn;

/** MurmurHash3's finaliser over bigints. */
export function mix(value: number | bigint): number {
  let h = BigInt.asUintN(32, BigInt(value));
  h ^= h >> 16n;
  h = (h * 0x85ebca6bn) & MASK32;
  h ^= h >> 13n;
  h = (h * 0xc2b2ae35n) & MASK32;
  return Number(h ^ (h >> 16n));
}

export interface NaiveNode {
  readonly name: string;
  readonly weight: number;
}

const GOLDEN = 0x9e3779b9n;

function point(name: string, index: number, seed: number): number {
  const first = BigInt(murmur3(name, seed));
  const second = BigInt(murmur3(name, ~seed));
  return mix(BigInt(mix(first + BigInt(index) * GOLDEN)) ^ second);
}

function pointsOf(nodes: readonly NaiveNode[], perWeight: number, seed: number) {
  return nodes
    .flatMap(({ name, weight }) =>
      Array.from({ length: Math.max(1, Math.round(weight * perWeight)) }, (_, index) => ({
        name,
        position: point(name, index, seed),
      })),
    )
    .sort((a, b) => a.position - b.position || (a.name < b.name ? -1 : 1));
}

export function naiveRing(nodes: readonly NaiveNode[], perWeight: number, seed = 0) {
  const points = pointsOf(nodes, perWeight, seed);
  return (hash: number): string =>
    (points.find(({ position }) => position >= hash) ?? points[0])?.name as string;
}

export function naiveMultiProbe(nodes: readonly NaiveNode[], probes: number) {
  const points = pointsOf(nodes, 1, 0);
  return (hash: number): string => {
    let nearest = { name: "", distance: Infinity };
    for (let probe = 0; probe < probes; probe++) {
      const position = mix(BigInt(hash) + BigInt(probe) * GOLDEN);
      for (const one of points) {
        const distance = (one.position - position + 2 ** 32) % 2 ** 32;
        if (distance < nearest.distance) nearest = { name: one.name, distance };
      }
    }
    return nearest.name;
  };
}

export function naiveRendezvous(nodes: readonly NaiveNode[]) {
  return (hash: number): string[] =>
    nodes
      .map(({ name, weight }) => {
        const first = BigInt(hash) ^ BigInt(murmur3(name, 0));
        const mixed = (first * 0x9e3779b1n) & MASK32;
        const draw = mix((mixed ^ (mixed >> 15n)) + BigInt(murmur3(name, 0xffffffff)));
        return { name, cost: -Math.log((draw + 0.5) / 2 ** 32) / weight };
      })
      .sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name);
}

/** The program of Lamping and Veach's paper, over bigints. */
export function naiveJump(key: bigint, buckets: number): number {
  let state = key;
  let bucket = -1;
  let next = 0;
  while (next < buckets) {
    bucket = next;
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n);
    next = Math.floor((bucket + 1) * (2 ** 31 / Number((state >> 33n) + 1n)));
  }
  return bucket;
}

/** Listing 1 of the Maglev paper, for equal weights: the name at each place. */
export function naiveMaglev(nodes: readonly string[], size: number): string[] {
  const sorted = nodes.toSorted();
  const permutations = sorted.map((name) => {
    const offset = xxh64(name) % BigInt(size);
    const skip = (xxh64(name, 1n) % BigInt(size - 1)) + 1n;
    return Array.from({ length: size }, (_, j) =>
      Number((offset + BigInt(j) * skip) % BigInt(size)),
    );
  });
  const table: (string | undefined)[] = Array.from({ length: size });
  for (let filled = 0; ;) {
    for (const [index, name] of sorted.entries()) {
      const place = permutations[index]?.find((one) => table[one] === undefined) as number;
      table[place] = name;
      if (++filled === size) return table as string[];
    }
  }
}

function scale(hash: number, limit: number): number {
  return Number((BigInt(hash) * BigInt(limit)) >> 32n);
}

/**
 * Of a removed bucket, who was there then: what AnchorHash's and MementoHash's arrays stand for.
 */
type Snapshots = Map<number, readonly number[]>;

function descend(hash: number, start: number, snapshots: Snapshots): number {
  let bucket = start;
  for (;;) {
    const left = snapshots.get(bucket);
    if (left === undefined) return bucket;
    bucket = left[scale(mix(BigInt(hash) + BigInt(bucket + 1) * GOLDEN), left.length)] as number;
  }
}

interface Removal {
  readonly bucket: number;
  readonly before: readonly number[];
}

/** AnchorHash, algorithms 1 and 2 of the paper: the whole set after each removal is kept. */
export class NaiveAnchor {
  readonly #capacity: number;
  readonly #stack: Removal[] = [];
  readonly #left: Snapshots = new Map();
  #working: readonly number[];

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#working = Array.from({ length: capacity }, (_, bucket) => bucket);
    for (let bucket = capacity - 1; bucket >= 0; bucket--) this.remove(bucket);
  }

  add(): number {
    const { bucket, before } = this.#stack.pop() as Removal;
    this.#working = before;
    this.#left.delete(bucket);
    return bucket;
  }

  remove(bucket: number): void {
    this.#stack.push({ bucket, before: this.#working });
    const last = this.#working.at(-1) as number;
    this.#working = this.#working.slice(0, -1).map((one) => (one === bucket ? last : one));
    this.#left.set(bucket, this.#working);
  }

  find(hash: number): number {
    return descend(hash, scale(hash, this.#capacity), this.#left);
  }
}

/** MementoHash with the whole set after each removal. */
export class NaiveMemento {
  readonly #stack: Removal[] = [];
  readonly #left: Snapshots = new Map();
  #working: readonly number[] = [];
  #size = 0;

  add(): number {
    const last = this.#stack.pop();
    if (last === undefined) {
      this.#working = [...this.#working, this.#size];
      return this.#size++;
    }
    this.#working = last.before;
    this.#left.delete(last.bucket);
    return last.bucket;
  }

  remove(bucket: number): void {
    const last = this.#working.at(-1) as number;
    if (this.#stack.length === 0 && bucket === this.#size - 1) {
      this.#size--;
      this.#working = this.#working.slice(0, -1);
      return;
    }
    this.#stack.push({ bucket, before: this.#working });
    this.#working = this.#working.slice(0, -1).map((one) => (one === bucket ? last : one));
    this.#left.set(bucket, this.#working);
  }

  find(hash: number): number {
    return descend(hash, naiveJump(BigInt(hash), this.#size), this.#left);
  }
}
