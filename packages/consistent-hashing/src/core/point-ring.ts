/** The most points on a ring: 192 MiB of tables. */
export const MAX_POINTS: number = 2 ** 24;
const LEAST_BUCKET_BITS = 4;
const MOST_BUCKET_BITS = 22;
const RANK_LIMIT = 2 ** 21;
const LAST_POSITION = 0xffffffff;

/**
 * Points at positions from 0 to 2^32-1, each owned by a slot; a position belongs to the first point
 * at it or after it, around the ring. Points at one position keep an order that the caller gives,
 * so a collision has the same answer everywhere.
 *
 * An index from the leading bits of a position to the first point with them, with about as many
 * entries as there are points, leaves a step or two of a linear search.
 */
export class PointRing {
  readonly #precedes: (slot: number, other: number) => boolean;
  /**
   * Position and owner of each point side by side, for one miss of the cache instead of two. Ends
   * with a point at the last position, owned by the first point's slot: the way around.
   */
  #points = new Uint32Array(2);
  #starts = new Uint32Array(1 << LEAST_BUCKET_BITS);
  #shift = 32 - LEAST_BUCKET_BITS;
  #count = 0;

  /**
   * `precedes(a, b)`: whether, at one position, a point of slot `a` comes before one of slot `b`.
   */
  constructor(precedes: (slot: number, other: number) => boolean) {
    this.#precedes = precedes;
  }

  get count(): number {
    return this.#count;
  }

  memoryBytes(): number {
    return this.#points.byteLength + this.#starts.byteLength;
  }

  /** The first point at or after a position, given signed or unsigned: its index, up to `count`. */
  successor(position: number): number {
    const wanted = position >>> 0;
    const points = this.#points;
    let at = 2 * (this.#starts[wanted >>> this.#shift] as number);
    while ((points[at] as number) < wanted) at += 2;
    return at >>> 1;
  }

  /** Of an index from 0 to `count`: of the last, which stands for the first point, 2^32-1. */
  positionAt(index: number): number {
    return this.#points[2 * index] as number;
  }

  /** Of an index from 0 to `count`. */
  ownerAt(index: number): number {
    return this.#points[2 * index + 1] as number;
  }

  /** The slot that owns a position. */
  find(position: number): number {
    const wanted = position >>> 0;
    const points = this.#points;
    let at = 2 * (this.#starts[wanted >>> this.#shift] as number);
    while ((points[at] as number) < wanted) at += 2;
    return points[at + 1] as number;
  }

  /** Replaces all points. `rank` of a slot, below 2^21, orders those at one position. */
  replace(positions: Uint32Array, slots: Int32Array, ranks: Int32Array): void {
    this.#count = positions.length;
    this.#reserve(positions.length);
    // A position of 32 bits and a rank of 21 fit into a double, and doubles sort fastest.
    const keys = new Float64Array(positions.length);
    const slotOfRank = new Int32Array(ranks.length);
    for (const [slot, rank] of ranks.entries()) slotOfRank[rank] = slot;
    for (let at = 0; at < keys.length; at++) {
      const rank = ranks[slots[at] as number] as number;
      slotOfRank[rank] = slots[at] as number;
      keys[at] = (positions[at] as number) * RANK_LIMIT + rank;
    }
    keys.sort();
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as number;
      const position = Math.floor(key / RANK_LIMIT);
      this.#points[2 * at] = position;
      this.#points[2 * at + 1] = slotOfRank[key - position * RANK_LIMIT] as number;
    }
    this.#close();
    this.#index();
  }

  /**
   * Adds points of one slot, sorted, in time linear in the points there are: each stretch between
   * two new points is moved once, the last one first.
   */
  insert(fresh: Uint32Array, slot: number): void {
    if (this.#count === 0) {
      this.replace(fresh, new Int32Array(fresh.length).fill(slot), new Int32Array(slot + 1));
      return;
    }
    this.#reserve(this.#count + fresh.length);
    const points = this.#points;
    let end = this.#count;
    for (let index = fresh.length - 1; index >= 0; index--) {
      const position = fresh[index] as number;
      const at = this.#placeFor(position, slot, end);
      points.copyWithin(2 * (at + index + 1), 2 * at, 2 * end);
      points[2 * (at + index)] = position;
      points[2 * (at + index) + 1] = slot;
      end = at;
    }
    this.#count += fresh.length;
    this.#close();
    if (this.#bucketBits() === 32 - this.#shift) this.#indexMore(fresh);
    else this.#index();
  }

  /** Removes all points of a slot, in time linear in the points there are. */
  remove(slot: number): void {
    const points = this.#points;
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      if (points[2 * at + 1] === slot) continue;
      points[2 * kept] = points[2 * at] as number;
      points[2 * kept + 1] = points[2 * at + 1] as number;
      kept++;
    }
    this.#count = kept;
    this.#close();
    this.#index();
  }

  /** Where, below `end`, a new point goes; what is from `end` on may have been moved already. */
  #placeFor(position: number, slot: number, end: number): number {
    let at = this.#starts[position >>> this.#shift] as number;
    while (at < end && this.positionAt(at) < position) at++;
    while (at < end && this.positionAt(at) === position && this.#precedes(this.ownerAt(at), slot)) {
      at++;
    }
    return at;
  }

  #reserve(count: number): void {
    if (2 * count < this.#points.length) return;
    // An eighth to spare: joining one by one copies each point a few times only.
    const points = new Uint32Array(2 * (count + (count >>> 3) + 1));
    points.set(this.#points.subarray(0, 2 * Math.min(this.#count, this.#points.length >>> 1)));
    this.#points = points;
  }

  #close(): void {
    this.#points[2 * this.#count] = LAST_POSITION;
    this.#points[2 * this.#count + 1] = this.ownerAt(0);
  }

  #bucketBits(): number {
    const bits = 32 - Math.clz32(this.#count);
    return Math.max(LEAST_BUCKET_BITS, Math.min(MOST_BUCKET_BITS, bits));
  }

  #index(): void {
    const bits = this.#bucketBits();
    this.#shift = 32 - bits;
    if (this.#starts.length !== 1 << bits) this.#starts = new Uint32Array(1 << bits);
    const starts = this.#starts;
    let at = 0;
    for (let bucket = 0; bucket < starts.length; bucket++) {
      while (at < this.#count && this.positionAt(at) >>> this.#shift < bucket) at++;
      starts[bucket] = at;
    }
  }

  #indexMore(fresh: Uint32Array): void {
    const starts = this.#starts;
    let bucket = 0;
    for (let more = 0; more <= fresh.length; more++) {
      const end =
        more === fresh.length ? starts.length - 1 : (fresh[more] as number) >>> this.#shift;
      for (; bucket <= end; bucket++) starts[bucket] = (starts[bucket] as number) + more;
    }
  }
}
