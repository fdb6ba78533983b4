/** Under so many answers a choice among them would be none. */
const LEAST_TO_CHOOSE = 2;

const NONE = -1;

/**
 * The latest answers to probes; at most `size`, a new one drives the oldest out. Entries stay where
 * they are, in a list by age: removing one moves none.
 */
export class ProbePool {
  readonly #maxAgeMs: number;
  readonly #slot: Int32Array;
  readonly #atMs: Float64Array;
  readonly #inFlight: Int32Array;
  readonly #latencyMs: Float64Array;
  readonly #uses: Int32Array;
  /** Of an entry in the pool the next younger one, of a free one the next free one. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #oldest: number = NONE;
  #youngest: number = NONE;
  #free = 0;
  #count = 0;

  constructor(size: number, maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
    this.#slot = new Int32Array(size);
    this.#atMs = new Float64Array(size);
    this.#inFlight = new Int32Array(size);
    this.#latencyMs = new Float64Array(size);
    this.#uses = new Int32Array(size);
    this.#next = Int32Array.from({ length: size }, (_, entry) =>
      entry + 1 < size ? entry + 1 : NONE,
    );
    this.#previous = new Int32Array(size);
  }

  get size(): number {
    return this.#count;
  }

  slotAt(entry: number): number {
    return this.#slot[entry] as number;
  }

  add(slot: number, nowMs: number, inFlight: number, latencyMs: number): void {
    if (this.#free === NONE) this.#remove(this.#oldest);
    const entry = this.#free;
    this.#free = this.#next[entry] as number;
    this.#slot[entry] = slot;
    this.#atMs[entry] = nowMs;
    this.#inFlight[entry] = inFlight;
    this.#latencyMs[entry] = latencyMs;
    this.#uses[entry] = 0;
    this.#append(entry);
  }

  expire(nowMs: number): void {
    while (this.#oldest !== NONE && nowMs - (this.#atMs[this.#oldest] as number) > this.#maxAgeMs) {
      this.#remove(this.#oldest);
    }
  }

  forget(slot: number): void {
    let entry = this.#oldest;
    while (entry !== NONE) {
      const next = this.#next[entry] as number;
      if (this.#slot[entry] === slot) this.#remove(entry);
      entry = next;
    }
  }

  /**
   * The cold entry of lowest latency × aversion, else the hot one of fewest requests × aversion, of
   * equals the oldest; -1 when there are too few to choose among. By slot: `aversion` is from 1,
   * `isCandidate` 1 for candidates.
   */
  choose(hotAbove: number, aversion: Float64Array, isCandidate: Uint8Array): number {
    if (this.#count < LEAST_TO_CHOOSE) return NONE;
    let best = NONE;
    let bestCost = Infinity;
    let bestIsCold = false;
    const next = this.#next;
    for (let entry = this.#oldest; entry !== NONE; entry = next[entry] as number) {
      const slot = this.#slot[entry] as number;
      if (isCandidate[slot] !== 1) continue;
      const inFlight = this.#inFlight[entry] as number;
      const factor = aversion[slot] as number;
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
    const uses = (this.#uses[entry] as number) + 1;
    this.#inFlight[entry] = (this.#inFlight[entry] as number) + 1;
    this.#uses[entry] = uses;
    if (uses >= mostUses) this.#remove(entry);
  }

  /** The oldest, or the worst: the hot one of most requests, else the one of highest latency. */
  removeOne(oldest: boolean, hotAbove: number): void {
    if (this.#count === 0) return;
    this.#remove(oldest ? this.#oldest : this.#worst(hotAbove));
  }

  #worst(hotAbove: number): number {
    const next = this.#next;
    let worst = this.#oldest;
    for (let entry = next[worst] as number; entry !== NONE; entry = next[entry] as number) {
      const one = this.#inFlight[entry] as number;
      const other = this.#inFlight[worst] as number;
      const hot = one > hotAbove;
      const slower = (this.#latencyMs[entry] as number) > (this.#latencyMs[worst] as number);
      if (hot === other > hotAbove ? (hot ? one > other : slower) : hot) worst = entry;
    }
    return worst;
  }

  #append(entry: number): void {
    this.#next[entry] = NONE;
    this.#previous[entry] = this.#youngest;
    if (this.#youngest === NONE) this.#oldest = entry;
    else this.#next[this.#youngest] = entry;
    this.#youngest = entry;
    this.#count++;
  }

  #remove(entry: number): void {
    const next = this.#next[entry] as number;
    const previous = this.#previous[entry] as number;
    if (previous === NONE) this.#oldest = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#youngest = previous;
    else this.#previous[next] = previous;
    this.#next[entry] = this.#free;
    this.#free = entry;
    this.#count--;
  }
}
