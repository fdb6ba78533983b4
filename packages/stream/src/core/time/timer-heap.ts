import type { KeyTimer } from "./key-timer.ts";

/** A binary heap, earliest first, whose members know their place: any can be removed in O(log n). */
export class TimerHeap<K> {
  readonly #timers: KeyTimer<K>[] = [];

  get size(): number {
    return this.#timers.length;
  }

  get earliest(): KeyTimer<K> | undefined {
    return this.#timers[0];
  }

  add(timer: KeyTimer<K>): void {
    this.#rise(timer, this.#timers.length);
  }

  remove(timer: KeyTimer<K>): void {
    const { at } = timer;
    timer.at = -1;
    const last = this.#timers.pop() as KeyTimer<K>;
    if (last === timer) return;
    this.#rise(last, at);
    this.#sink(last, last.at);
  }

  #rise(timer: KeyTimer<K>, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#timers[above] as KeyTimer<K>;
      if (!isBefore(timer, parent)) break;
      this.#place(parent, at);
      at = above;
    }
    this.#place(timer, at);
  }

  #sink(timer: KeyTimer<K>, from: number): void {
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      const left = this.#timers[below];
      if (!left) break;
      const right = this.#timers[below + 1];
      if (right && isBefore(right, left)) below++;
      const child = this.#timers[below] as KeyTimer<K>;
      if (!isBefore(child, timer)) break;
      this.#place(child, at);
      at = below;
    }
    this.#place(timer, at);
  }

  #place(timer: KeyTimer<K>, at: number): void {
    this.#timers[at] = timer;
    timer.at = at;
  }
}

function isBefore<K>(one: KeyTimer<K>, other: KeyTimer<K>): boolean {
  return one.timeMs === other.timeMs ? one.sequence < other.sequence : one.timeMs < other.timeMs;
}
