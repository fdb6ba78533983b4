/** Under so many answers a choice among them would be none. */
const LEAST_TO_CHOOSE = 2;

/** The latest answers to probes, the oldest first; at most `size`, a new one drives the oldest out. */
export class ProbePool {
  readonly #size: number;
  readonly #maxAgeMs: number;
  readonly #slot: Int32Array;
  readonly #atMs: Float64Array;
  readonly #inFlight: Int32Array;
  readonly #latencyMs: Float64Array;
  readonly #uses: Int32Array;
  #count = 0;

  constructor(size: number, maxAgeMs: number) {
    this.#size = size;
    this.#maxAgeMs = maxAgeMs;
    this.#slot = new Int32Array(size);
    this.#atMs = new Float64Array(size);
    this.#inFlight = new Int32Array(size);
    this.#latencyMs = new Float64Array(size);
    this.#uses = new Int32Array(size);
  }

  get size(): number {
    return this.#count;
  }

  slotAt(entry: number): number {
    return this.#slot[entry] as number;
  }

  add(slot: number, nowMs: number, inFlight: number, latencyMs: number): void {
    if (this.#count === this.#size) this.#remove(0);
    const entry = this.#count++;
    this.#slot[entry] = slot;
    this.#atMs[entry] = nowMs;
    this.#inFlight[entry] = inFlight;
    this.#latencyMs[entry] = latencyMs;
    this.#uses[entry] = 0;
  }

  expire(nowMs: number): void {
    while (this.#count > 0 && nowMs - (this.#atMs[0] as number) > this.#maxAgeMs) this.#remove(0);
  }

  forget(slot: number): void {
    for (let entry = this.#count - 1; entry >= 0; entry--) {
      if (this.#slot[entry] === slot) this.#remove(entry);
    }
  }

  /**
   * The cold entry of lowest latency × aversion, else the hot one of fewest requests × aversion; -1
   * when there are too few to choose among.
   */
  choose(
    hotAbove: number,
    aversion: (slot: number) => number,
    candidates: ReadonlySet<number>,
  ): number {
    if (this.#count < LEAST_TO_CHOOSE) return -1;
    let best = -1;
    let bestCost = Infinity;
    let bestIsCold = false;
    for (let entry = 0; entry < this.#count; entry++) {
      const slot = this.#slot[entry] as number;
      if (!candidates.has(slot)) continue;
      const inFlight = this.#inFlight[entry] as number;
      const factor = aversion(slot);
      const isCold = inFlight <= hotAbove && factor < 2;
      if (bestIsCold && !isCold) continue;
      const cost = (isCold ? (this.#latencyMs[entry] as number) : inFlight + 1) * factor;
      if (isCold === bestIsCold && cost >= bestCost) continue;
      best = entry;
      bestCost = cost;
      bestIsCold = isCold;
    }
    return best;
  }

  /** One more request is there now; after `mostUses` the answer is too old to go by. */
  use(entry: number, mostUses: number): void {
    this.#inFlight[entry] = (this.#inFlight[entry] as number) + 1;
    this.#uses[entry] = (this.#uses[entry] as number) + 1;
    if (this.#uses[entry] >= mostUses) this.#remove(entry);
  }

  /** The oldest, or the worst: the hot one of most requests, else the one of highest latency. */
  removeOne(oldest: boolean, hotAbove: number): void {
    if (this.#count === 0) return;
    this.#remove(oldest ? 0 : this.#worst(hotAbove));
  }

  #worst(hotAbove: number): number {
    let worst = 0;
    for (let entry = 1; entry < this.#count; entry++) {
      const [one, other] = [this.#inFlight[entry] as number, this.#inFlight[worst] as number];
      const [hot, worstIsHot] = [one > hotAbove, other > hotAbove];
      const slower = (this.#latencyMs[entry] as number) > (this.#latencyMs[worst] as number);
      if (hot === worstIsHot ? (hot ? one > other : slower) : hot) worst = entry;
    }
    return worst;
  }

  #remove(entry: number): void {
    for (const column of [this.#slot, this.#atMs, this.#inFlight, this.#latencyMs, this.#uses]) {
      column.copyWithin(entry, entry + 1, this.#count);
    }
    this.#count--;
  }
}
