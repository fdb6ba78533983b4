import { md5 } from "../hash/md5.ts";
import { checkWholeWeight } from "../node.ts";
import type { Membership } from "./membership.ts";
import type { Placement, Segments } from "./placement.ts";
import { PointRing } from "./point-ring.ts";
import { checkPoints, ringSegments, visitRing } from "./ring.ts";

/** Whose ring it is: see `KetamaOptions.client`. */
export type KetamaClient = "libketama" | "libmemcached";

const HASHES_A_NODE = 40;
const POINTS_A_HASH = 4;
const POINTS_A_NODE = HASHES_A_NODE * POINTS_A_HASH;
const DEFAULT_PORT = /:11211$/;
const digest = new Uint32Array(POINTS_A_HASH);

/**
 * Ketama (R. Jones, Last.fm, 2007): a ring whose points are the four words of MD5 sums. A node's
 * points depend on all weights, so a change can move keys between nodes that it does not concern.
 */
export class KetamaPlacement implements Placement {
  readonly #members: Membership;
  readonly #client: KetamaClient;
  /** In the order of joining, which decides where two nodes have one point. */
  readonly #joined: number[] = [];
  readonly #ring = new PointRing(() => true);
  #stale = true;

  constructor(members: Membership, client: KetamaClient) {
    this.#members = members;
    this.#client = client;
  }

  find(low: number): number {
    if (this.#stale) this.#build();
    return this.#ring.find(low);
  }

  visit(low: number, _high: number, accept: (slot: number) => boolean): number {
    if (this.#stale) this.#build();
    const accepted = visitRing(this.#ring, low, accept);
    if (accepted >= 0) return accepted;
    // A node of a very small share has no points.
    for (const slot of this.#joined) if (accept(slot)) return slot;
    return -1;
  }

  checkWeights(weights: readonly number[]): void {
    for (const weight of weights) checkWholeWeight(weight, "ketama");
    checkPoints((this.#members.size + weights.length) * POINTS_A_NODE);
  }

  add(slots: readonly number[]): void {
    this.#joined.push(...slots);
    this.#stale = true;
  }

  remove(slot: number): void {
    this.#joined.splice(this.#joined.indexOf(slot), 1);
    this.#stale = true;
  }

  reweigh(): void {
    this.#stale = true;
  }

  memoryBytes(): number {
    if (this.#stale) this.#build();
    return this.#ring.memoryBytes();
  }

  segments(): Segments {
    if (this.#stale) this.#build();
    return ringSegments(this.#ring);
  }

  joined(): readonly number[] {
    return this.#joined;
  }

  #build(): void {
    const total = this.#joined.reduce((sum, slot) => sum + this.#members.weight(slot), 0);
    const positions: number[] = [];
    const slots: number[] = [];
    const ranks = new Int32Array(this.#members.slotLimit);
    for (const [rank, slot] of this.#joined.entries()) {
      ranks[slot] = rank;
      const name = this.#pointName(this.#members.name(slot));
      const hashes = this.#hashes(this.#members.weight(slot), total);
      for (let hash = 0; hash < hashes; hash++) {
        md5(`${name}-${hash}`, digest);
        for (const position of digest) {
          positions.push(position);
          slots.push(slot);
        }
      }
    }
    this.#ring.replace(Uint32Array.from(positions), Int32Array.from(slots), ranks);
    this.#stale = false;
  }

  /** The programs' arithmetic step by step: their `float` has 24 bits, and rounds as `fround`. */
  #hashes(weight: number, total: number): number {
    const { fround } = Math;
    const count = this.#joined.length;
    const share = fround(fround(weight) / fround(total));
    if (this.#client === "libketama") return Math.floor(fround(share * HASHES_A_NODE * count));
    const points = fround(fround(fround(share * POINTS_A_NODE) / POINTS_A_HASH) * fround(count));
    return Math.floor(fround(points + fround(1e-10)));
  }

  #pointName(name: string): string {
    return this.#client === "libmemcached" ? name.replace(DEFAULT_PORT, "") : name;
  }
}
