import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { bucketHistory, type SavedBuckets } from "./bucket-history.ts";
import { checkDistinct, MAX_NODES, type Membership } from "./core/membership.ts";
import type { Placement, Segments } from "./core/placement.ts";
import { high64 } from "./hash/xxh64.ts";
import type { Key } from "./key.ts";
import type { KeyHash } from "./key-hash.ts";
import type { Algorithm, LocateAllOptions, Locator } from "./locator.ts";
import { checkWeight, type NodeInfo, nodeInfo, type NodeSpec } from "./node.ts";
import { sampleHigh, sampleLow, SAMPLES } from "./samples.ts";
import { type LocatorState, STATE_VERSION } from "./state.ts";

const LAST_32 = 2n ** 32n - 1n;
const LAST_64 = 2n ** 64n - 1n;

/** What makes up a locator. */
export interface LocatorParts<P extends Placement = Placement> {
  readonly algorithm: Algorithm;
  readonly members: Membership;
  readonly placement: P;
  readonly keyHash: KeyHash;
  /** Whether a hash given to `locateHash` may have 64 bits. */
  readonly wide: boolean;
  readonly options: Readonly<Record<string, number | string>>;
}

/**
 * A placement with names, keys, and checks around it. `locate` here serves every algorithm, and a
 * process that uses many of them pays for that with calls that V8 cannot inline; the fastest
 * algorithms have a `locate` of their own (0083).
 */
export class PlacedLocator<P extends Placement = Placement> implements Locator {
  readonly algorithm: Algorithm;
  readonly #members: Membership;
  protected readonly placement: P;
  readonly #keyHash: KeyHash;
  protected readonly low: (key: Key) => number;
  readonly #hashIsWide: boolean;
  readonly #wide: boolean;
  readonly #options: Readonly<Record<string, number | string>>;
  /** By slot: what `locate` returns. */
  protected readonly names: string[] = [];
  /** How many nodes there are, in a field: `locate` asks each time. */
  protected count = 0;
  #version = 0;
  /** Of the `locateWhere` in progress. */
  #accept: ((name: string, index: number) => boolean) | undefined;
  readonly #acceptSlot = (slot: number): boolean =>
    this.#accept?.(this.names[slot] as string, slot) ?? false;

  /** With `buckets` what was saved of them is restored, else nodes join in the order given. */
  constructor(
    parts: LocatorParts<P>,
    nodes: readonly (string | NodeSpec)[],
    buckets?: SavedBuckets,
  ) {
    this.algorithm = parts.algorithm;
    this.#members = parts.members;
    this.placement = parts.placement;
    this.#keyHash = parts.keyHash;
    this.low = parts.keyHash.low;
    this.#hashIsWide = parts.keyHash.wide;
    this.#wide = parts.wide;
    this.#options = parts.options;
    const infos = checkedNodes(nodes);
    this.placement.checkWeights(
      infos.map(({ weight }) => weight),
      0,
    );
    const slots = infos.map((info) => this.#join(info));
    if (buckets === undefined) this.placement.add(slots);
    else this.placement.restore?.(bucketHistory(buckets, this.#members));
  }

  get size(): number {
    return this.count;
  }

  get version(): number {
    return this.#version;
  }

  locate(key: Key): string {
    if (this.count === 0) throw noNodes();
    const low = this.low(key);
    const slot = this.placement.find(low, this.#hashIsWide ? high64 : 0);
    return this.names[slot] as string;
  }

  locateHash(hash: number | bigint): string {
    if (this.count === 0) throw noNodes();
    return this.names[this.#slotOfHash(hash)] as string;
  }

  locateWhere(key: Key, accept: (name: string, index: number) => boolean): string | undefined {
    const low = this.low(key);
    const high = this.#hashIsWide ? high64 : 0;
    if (this.count === 0) return undefined;
    // One closure for all calls; `accept` may call this method itself.
    const outer = this.#accept;
    this.#accept = accept;
    try {
      const slot = this.placement.visit(low, high, this.#acceptSlot);
      return slot < 0 ? undefined : this.names[slot];
    } finally {
      this.#accept = outer;
    }
  }

  locateAll(key: Key, count: number, { distinctBy }: LocateAllOptions = {}): string[] {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new ConsistentHashingError(
        "invalid-option",
        `count must be a whole number from 0, not ${count}`,
      );
    }
    const wanted = Math.min(count, this.count);
    const found: string[] = [];
    const seen = new Set<unknown>();
    this.locateWhere(key, (name, slot) => {
      if (found.length >= wanted) return true;
      const identity = distinctBy === undefined ? slot : distinctBy(this.#members.node(slot));
      if (!seen.has(identity)) {
        seen.add(identity);
        found.push(name);
      }
      return found.length >= wanted;
    });
    return found;
  }

  hashOf(key: Key): number | bigint {
    const low = this.low(key) >>> 0;
    return this.#hashIsWide ? (BigInt(high64 >>> 0) << 32n) | BigInt(low) : low;
  }

  add(node: string | NodeSpec): void {
    const info = this.#members.checked(node);
    this.placement.checkWeights([info.weight], 0);
    this.placement.add([this.#join(info)]);
    this.#version++;
  }

  remove(name: string): void {
    const slot = this.#members.slot(name);
    this.placement.checkShrink?.(slot, this.#members.weight(slot));
    this.placement.remove(slot);
    this.#members.remove(slot);
    this.count--;
    this.#version++;
  }

  setWeight(name: string, weight: number): void {
    const slot = this.#members.slot(name);
    const before = this.#members.weight(slot);
    checkWeight(weight);
    this.placement.checkWeights([weight], before);
    if (weight === before) return;
    if (weight < before) this.placement.checkShrink?.(slot, before - weight);
    this.#members.setWeight(slot, weight);
    this.placement.reweigh(slot, before);
    this.#version++;
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  nodes(): readonly NodeInfo[] {
    return this.#members.byName.map((slot) => this.#members.node(slot));
  }

  shares(): ReadonlyMap<string, number> {
    const bySlot = new Float64Array(this.#members.slotLimit);
    const segments = this.segments();
    if (segments === undefined) this.#countSamples(bySlot);
    else addLengths(segments, bySlot);
    return new Map(
      this.#members.byName.map((slot) => [this.#members.name(slot), bySlot[slot] as number]),
    );
  }

  memoryBytes(): number {
    return this.placement.memoryBytes();
  }

  toJSON(): LocatorState {
    const history = this.placement.history?.();
    const order = this.placement.joined?.() ?? this.#members.byName;
    return {
      format: "quorate-consistent-hashing",
      version: STATE_VERSION,
      algorithm: this.algorithm,
      hash: this.#keyHash.name,
      seed: this.#keyHash.seed,
      options: this.#options,
      nodes: order.map((slot) => this.#members.node(slot)),
      ...(history && {
        buckets: history.buckets.map((slot) => (slot === null ? null : this.#members.name(slot))),
        removed: history.removed,
      }),
    };
  }

  /** For `plan`: undefined where nodes do not have ranges of hashes, or there are none. */
  segments(): Segments | undefined {
    return this.count === 0 ? undefined : this.placement.segments?.();
  }

  /** For `plan`: the name of a slot in use. */
  nameOf(slot: number): string {
    return this.names[slot] as string;
  }

  /** For `plan`: the slot of one of the hashes that stand for all, -1 in an empty set. */
  slotOfSample(sample: number): number {
    if (this.count === 0) return -1;
    return this.placement.find(sampleLow(sample), this.#hashIsWide ? sampleHigh(sample) : 0);
  }

  /** For `plan`: equal for two sets that hash every key alike. */
  hashIdentity(): string {
    return `${this.#keyHash.name}/${this.#keyHash.seed}`;
  }

  #slotOfHash(hash: number | bigint): number {
    const most = this.#wide ? LAST_64 : LAST_32;
    const whole = typeof hash === "bigint" || Number.isSafeInteger(hash);
    // A comparison with a bigint is exact, and slow for a number.
    if (!(whole && hash >= 0 && (hash < 2 ** 32 || hash <= most))) {
      throw new ConsistentHashingError(
        "invalid-option",
        `a hash must be a whole number from 0 to ${most}, not ${hash}`,
      );
    }
    if (typeof hash === "number") {
      return this.placement.find(hash | 0, Math.floor(hash / 2 ** 32) | 0);
    }
    const high = Number(BigInt.asIntN(32, hash >> 32n));
    return this.placement.find(Number(BigInt.asIntN(32, hash)), high);
  }

  #join(info: NodeInfo): number {
    const slot = this.#members.add(info);
    this.names[slot] = info.name;
    this.count++;
    return slot;
  }

  #countSamples(bySlot: Float64Array): void {
    if (this.count === 0) return;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const slot = this.slotOfSample(sample);
      bySlot[slot] = (bySlot[slot] as number) + 1 / SAMPLES;
    }
  }
}

/** @throws {ConsistentHashingError} `invalid-node`, `invalid-weight`, `duplicate-node`, `full` */
function checkedNodes(nodes: readonly (string | NodeSpec)[]): readonly NodeInfo[] {
  if (!Array.isArray(nodes)) {
    throw new ConsistentHashingError("invalid-option", "nodes must be an array");
  }
  if (nodes.length > MAX_NODES) {
    throw new ConsistentHashingError("full", `a set has at most ${MAX_NODES} nodes`);
  }
  const infos = (nodes as readonly (string | NodeSpec)[]).map((node) => nodeInfo(node));
  checkDistinct(infos);
  return infos;
}

function addLengths({ starts, slots }: Segments, bySlot: Float64Array): void {
  for (const [index, slot] of slots.entries()) {
    const length = (starts[index + 1] ?? 2 ** 32) - (starts[index] as number);
    bySlot[slot] = (bySlot[slot] as number) + length / 2 ** 32;
  }
}

export function noNodes(): ConsistentHashingError {
  return new ConsistentHashingError("no-nodes", "there is no node that could hold the key");
}
