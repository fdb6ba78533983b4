/** The most points on a ring: 192 MiB of tables. */
export const MAX_POINTS: number = 2 ** 24;
const LEAST_BUCKET_BITS = 4;
const MOST_BUCKET_BITS = 22;
const RANK_LIMIT = 2 ** 21;
const LAST_POSITION = 0xffffffff;

/**
 * Points at positions from 0 to 2^32-1, each owned by a slot; a position belongs to the first point
 * at it or after it, around the ring. Points at one position keep an order that the caller gives, so
 * a collision has the same answer everywhere.
 *
 * An index from the leading bits of a position to the first point with them, with about as many
 * entries as there are points, leaves a step or two of a linear search.
 */
export class PointRing {
  readonly #precedes: (slot: number, other: number) => boolean;
  /** Ends with a point at the last position, owned by the first point's slot: the way around. */
  #positions = new Uint32Array(1);
  #owners = new Int32Array(1);
  #starts = new Uint32Array(1 << LEAST_BUCKET_BITS);
  #shift = 32 - LEAST_BUCKET_BITS;
  #count = 0;

  /** `precedes(a, b)`: whether, at one position, a point of slot `a` comes before one of slot `b`. */
  constructor(precedes: (slot: number, other: number) => boolean) {
    this.#precedes = precedes;
  }

  get count(): number {
    return this.#count;
  }

  memoryBytes(): number {
    return this.#positions.byteLength + this.#owners.byteLength + this.#starts.byteLength;
  }

  /** The first point at or after a position, given signed or unsigned: its index, up to `count`. */
  successor(position: number): number {
    const wanted = position >>> 0;
    const positions = this.#positions;
    let at = this.#starts[wanted >>> this.#shift] as number;
    while ((positions[at] as number) < wanted) at++;
    return at;
  }

  /** Of an index from 0 to `count`: of the last, which stands for the first point, 2^32-1. */
  positionAt(index: number): number {
    return this.#positions[index] as number;
  }

  /** Of an index from 0 to `count`. */
  ownerAt(index: number): number {
    return this.#owners[index] as number;
  }

  /** The slot that owns a position. */
  find(position: number): number {
    const wanted = position >>> 0;
    const positions = this.#positions;
    let at = this.#starts[wanted >>> this.#shift] as number;
    while ((positions[at] as number) < wanted) at++;
    return this.#owners[at] as number;
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
      this.#positions[at] = position;
      this.#owners[at] = slotOfRank[key - position * RANK_LIMIT] as number;
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
    const positions = this.#positions;
    const owners = this.#owners;
    let end = this.#count;
    for (let index = fresh.length - 1; index >= 0; index--) {
      const position = fresh[index] as number;
      const at = this.#placeFor(position, slot, end);
      positions.copyWithin(at + index + 1, at, end);
      owners.copyWithin(at + index + 1, at, end);
      positions[at + index] = position;
      owners[at + index] = slot;
      end = at;
    }
    this.#count += fresh.length;
    this.#close();
    if (this.#bucketBits() === 32 - this.#shift) this.#indexMore(fresh);
    else this.#index();
  }

  /** Removes all points of a slot, in time linear in the points there are. */
  remove(slot: number): void {
    const positions = this.#positions;
    const owners = this.#owners;
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      if (owners[at] === slot) continue;
      positions[kept] = positions[at] as number;
      owners[kept] = owners[at] as number;
      kept++;
    }
    this.#count = kept;
    this.#close();
    this.#index();
  }

  /** Where, below `end`, a new point goes; what is from `end` on may have been moved already. */
  #placeFor(position: number, slot: number, end: number): number {
    let at = this.#starts[position >>> this.#shift] as number;
    while (at < end && (this.#positions[at] as number) < position) at++;
    while (
      at < end &&
      this.#positions[at] === position &&
      this.#precedes(this.#owners[at] as number, slot)
    ) {
      at++;
    }
    return at;
  }

  #reserve(count: number): void {
    if (count < this.#positions.length) return;
    // An eighth to spare: joining one by one copies each point a few times only.
    const capacity = count + (count >>> 3) + 1;
    const positions = new Uint32Array(capacity);
    const owners = new Int32Array(capacity);
    positions.set(this.#positions.subarray(0, Math.min(this.#count, this.#positions.length)));
    owners.set(this.#owners.subarray(0, Math.min(this.#count, this.#owners.length)));
    this.#positions = positions;
    this.#owners = owners;
  }

  #close(): void {
    this.#positions[this.#count] = LAST_POSITION;
    this.#owners[this.#count] = this.#owners[0] as number;
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
      while (at < this.#count && (this.#positions[at] as number) >>> this.#shift < bucket) at++;
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
