import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import { mix32, murmur3Bits } from "../hash/murmur3.ts";
import type { Membership } from "./membership.ts";
import type { Placement, Segments } from "./placement.ts";
import { MAX_POINTS, PointRing } from "./point-ring.ts";
import { GOLDEN } from "./rehash.ts";

/**
 * Consistent hashing with virtual points (Karger et al., "Consistent hashing and random trees",
 * STOC 1997). How many points a node has depends on its weight alone, never on the other nodes, so
 * that no key moves that need not.
 */
export class RingPlacement implements Placement {
  readonly #members: Membership;
  readonly #pointsPerWeight: number;
  readonly #seed: number;
  readonly #ring: PointRing;

  constructor(members: Membership, pointsPerWeight: number, seed: number) {
    this.#members = members;
    this.#pointsPerWeight = pointsPerWeight;
    this.#seed = seed;
    this.#ring = new PointRing((slot, other) => members.name(slot) < members.name(other));
  }

  find(low: number): number {
    return this.#ring.find(low);
  }

  visit(low: number, _high: number, accept: (slot: number) => boolean): number {
    return visitRing(this.#ring, low, accept);
  }

  checkWeights(weights: readonly number[], freed: number): void {
    const added = weights.reduce((sum, weight) => sum + this.#pointCount(weight), 0);
    checkPoints(this.#ring.count + added - (freed === 0 ? 0 : this.#pointCount(freed)));
  }

  add(slots: readonly number[]): void {
    addPoints(this.#ring, this.#members, slots, (slot) => this.#points(slot, 0));
  }

  remove(slot: number): void {
    this.#ring.remove(slot);
  }

  reweigh(slot: number, before: number): void {
    const count = this.#pointCount(before);
    const more = this.#points(slot, count);
    if (more.length > 0) {
      this.#ring.insert(more.sort(), slot);
    } else if (this.#pointCount(this.#members.weight(slot)) < count) {
      this.#ring.remove(slot);
      this.#ring.insert(this.#points(slot, 0).sort(), slot);
    }
  }

  memoryBytes(): number {
    return this.#ring.memoryBytes();
  }

  segments(): Segments {
    return ringSegments(this.#ring);
  }

  #pointCount(weight: number): number {
    return Math.max(1, Math.round(weight * this.#pointsPerWeight));
  }

  /** The points of a slot from the `from`th on. */
  #points(slot: number, from: number): Uint32Array {
    const count = this.#pointCount(this.#members.weight(slot));
    return nodePoints(this.#members.name(slot), from, count, this.#seed);
  }
}

/**
 * Two hashes of the name, so that names with one of them in common still have different points; and
 * two bijections, so that no two points of a node fall together.
 */
export function nodePoints(name: string, from: number, count: number, seed: number): Uint32Array {
  const first = murmur3Bits(name, seed);
  const second = murmur3Bits(name, ~seed);
  const points = new Uint32Array(Math.max(0, count - from));
  for (let at = 0; at < points.length; at++) {
    points[at] = mix32(mix32(first + Math.imul(from + at, GOLDEN)) ^ second);
  }
  return points;
}

/** Adds one slot's points in their places; many slots' (to an empty ring) by sorting them all. */
export function addPoints(
  ring: PointRing,
  members: Membership,
  slots: readonly number[],
  pointsOf: (slot: number) => Uint32Array,
): void {
  const [only] = slots;
  if (slots.length === 1 && only !== undefined) {
    ring.insert(pointsOf(only).sort(), only);
    return;
  }
  const points = slots.map(pointsOf);
  const count = points.reduce((sum, { length }) => sum + length, 0);
  const positions = new Uint32Array(count);
  const owners = new Int32Array(count);
  let at = 0;
  for (const [index, slot] of slots.entries()) {
    const own = points[index] as Uint32Array;
    positions.set(own, at);
    owners.fill(slot, at, at + own.length);
    at += own.length;
  }
  ring.replace(positions, owners, members.ranks());
}

/** @throws {ConsistentHashingError} `full` */
export function checkPoints(count: number): void {
  if (count <= MAX_POINTS) return;
  throw new ConsistentHashingError("full", `a ring has at most ${MAX_POINTS} points, not ${count}`);
}

/** The owners of the points from a position on, once around. */
export function visitRing(
  ring: PointRing,
  position: number,
  accept: (slot: number) => boolean,
): number {
  const from = ring.successor(position);
  for (let step = 0; step < ring.count; step++) {
    const slot = ring.ownerAt((from + step) % ring.count);
    if (accept(slot)) return slot;
  }
  return -1;
}

/** A point ends a segment: positions up to it, and itself, are its owner's. */
export function ringSegments(ring: PointRing): Segments {
  const starts: number[] = [0];
  const slots: number[] = [];
  for (let at = 0; at < ring.count; at++) {
    const end = ring.positionAt(at) + 1;
    // Of several points at one position only the first owns anything.
    if (end === starts.at(-1)) continue;
    slots.push(ring.ownerAt(at));
    starts.push(end);
  }
  if (starts.at(-1) === 2 ** 32) starts.pop();
  else slots.push(ring.ownerAt(0));
  return { starts: Float64Array.from(starts), slots: Int32Array.from(slots) };
}
