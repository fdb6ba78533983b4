/** Whole numbers by time, the earliest first; equal times in the order of their coming. */
export class EventHeap {
  #atMs: Float64Array = new Float64Array(1_024);
  #order: Float64Array = new Float64Array(1_024);
  #payload: Int32Array = new Int32Array(1_024);
  #count = 0;
  #pushed = 0;

  get size(): number {
    return this.#count;
  }

  /** Infinity when empty. */
  get nextAtMs(): number {
    return this.#count === 0 ? Infinity : (this.#atMs[0] as number);
  }

  push(atMs: number, payload: number): void {
    if (this.#count === this.#atMs.length) this.#grow();
    let at = this.#count++;
    const order = this.#pushed++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#atMs[parent] as number) <= atMs) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, atMs, order, payload);
  }

  /** Takes the earliest; only when there is one. */
  pop(): number {
    const earliest = this.#payload[0] as number;
    const last = --this.#count;
    const atMs = this.#atMs[last] as number;
    const order = this.#order[last] as number;
    let at = 0;
    for (let child = 1; child < last; child = 2 * at + 1) {
      if (child + 1 < last && this.#isBefore(child + 1, child)) child++;
      if (!this.#goesBefore(child, atMs, order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#set(at, atMs, order, this.#payload[last] as number);
    return earliest;
  }

  #isBefore(one: number, other: number): boolean {
    return this.#goesBefore(one, this.#atMs[other] as number, this.#order[other] as number);
  }

  #goesBefore(at: number, atMs: number, order: number): boolean {
    const mine = this.#atMs[at] as number;
    return mine < atMs || (mine === atMs && (this.#order[at] as number) < order);
  }

  #move(from: number, to: number): void {
    this.#set(
      to,
      this.#atMs[from] as number,
      this.#order[from] as number,
      this.#payload[from] as number,
    );
  }

  #set(at: number, atMs: number, order: number, payload: number): void {
    this.#atMs[at] = atMs;
    this.#order[at] = order;
    this.#payload[at] = payload;
  }

  #grow(): void {
    const [atMs, order, payload] = [this.#atMs, this.#order, this.#payload];
    this.#atMs = new Float64Array(atMs.length * 2);
    this.#order = new Float64Array(atMs.length * 2);
    this.#payload = new Int32Array(atMs.length * 2);
    this.#atMs.set(atMs);
    this.#order.set(order);
    this.#payload.set(payload);
  }
}
