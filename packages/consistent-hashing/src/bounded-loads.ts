import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import type { Key } from "./key.ts";
import type { Locator } from "./locator.ts";
import { noNodes } from "./placed-locator.ts";

const LEAST_EPSILON = 1e-6;

export interface BoundedLoadOptions {
  /**
   * How far above its share of the load a node may be: 0.25 is a quarter. The less, the more keys
   * go to another than their own node, O(1/ε²) nodes being tried. 0.000001 or more.
   */
  readonly epsilon: number;
}

/** Keys go to their own node as long as that one has room, else to the next in their order. */
export interface BoundedLoads {
  /** How much is acquired and not released, of nodes that are members. */
  readonly total: number;
  /**
   * The node that takes one more unit of load for `key`, which is then counted. At this moment the
   * node has no more than `capacity`.
   *
   * @throws {ConsistentHashingError} `no-nodes`, `invalid-key`
   */
  acquire(key: Key): string;
  /**
   * Gives back one unit. Of a node that has left it does nothing: its load left with it.
   *
   * @throws {ConsistentHashingError} `not-acquired` when the node has no load
   */
  release(name: string): void;
  /** @throws {ConsistentHashingError} `unknown-node` */
  load(name: string): number;
  /**
   * The most that a node may have: ⌈(1 + ε) × total × weight / sum of weights⌉. When loads are
   * released it shrinks, and a node may be above it until enough of its own are.
   *
   * @throws {ConsistentHashingError} `unknown-node`
   */
  capacity(name: string): number;
}

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, 2016) over any set of
 * nodes. Nodes join and leave through `locator`; the order in which a key tries nodes is its
 * `locateWhere`'s.
 *
 * @throws {ConsistentHashingError} `invalid-option`
 */
export function boundLoads(locator: Locator, { epsilon }: BoundedLoadOptions): BoundedLoads {
  if (!(epsilon >= LEAST_EPSILON && Number.isFinite(epsilon))) {
    throw new ConsistentHashingError(
      "invalid-option",
      `epsilon must be ${LEAST_EPSILON} or more, not ${epsilon}`,
    );
  }
  return new LocatorWithLoads(locator, epsilon);
}

interface Member {
  load: number;
  weight: number;
}

class LocatorWithLoads implements BoundedLoads {
  readonly #locator: Locator;
  readonly #factor: number;
  readonly #hasRoom: (name: string) => boolean;
  #members = new Map<string, Member>();
  #totalWeight = 0;
  #total = 0;
  #seenVersion = -1;
  /** Of a node of weight 1, for the call under way. */
  #limit = 0;

  constructor(locator: Locator, epsilon: number) {
    this.#locator = locator;
    this.#factor = 1 + epsilon;
    this.#hasRoom = (name) => {
      const { load, weight } = this.#members.get(name) as Member;
      return load < Math.ceil(this.#limit * weight);
    };
  }

  get total(): number {
    this.#refresh();
    return this.#total;
  }

  acquire(key: Key): string {
    this.#refresh();
    this.#limit = (this.#factor * (this.#total + 1)) / this.#totalWeight;
    const name = this.#locator.locateWhere(key, this.#hasRoom);
    // The limits sum up to more than all load, so a node that has room is always found.
    if (name === undefined) throw noNodes();
    this.#member(name).load++;
    this.#total++;
    return name;
  }

  release(name: string): void {
    this.#refresh();
    const member = this.#members.get(name);
    if (member === undefined) return;
    if (member.load === 0) {
      throw new ConsistentHashingError("not-acquired", `${name} has no load to release`);
    }
    member.load--;
    this.#total--;
  }

  load(name: string): number {
    this.#refresh();
    return this.#member(name).load;
  }

  capacity(name: string): number {
    this.#refresh();
    const { weight } = this.#member(name);
    return Math.ceil(((this.#factor * this.#total) / this.#totalWeight) * weight);
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member !== undefined) return member;
    throw new ConsistentHashingError(
      "unknown-node",
      `there is no node named ${JSON.stringify(name)}`,
    );
  }

  /** Takes over joins, leaves and weights since the last call. */
  #refresh(): void {
    if (this.#seenVersion === this.#locator.version) return;
    this.#seenVersion = this.#locator.version;
    const before = this.#members;
    this.#members = new Map();
    this.#totalWeight = 0;
    this.#total = 0;
    for (const { name, weight } of this.#locator.nodes()) {
      const load = before.get(name)?.load ?? 0;
      this.#members.set(name, { load, weight });
      this.#totalWeight += weight;
      this.#total += load;
    }
  }
}
