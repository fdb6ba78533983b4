import type { KeyTimer } from "./key-timer.ts";

/** All timers of one time, a list in the order in which they were set. */
export class Moment<K> {
  readonly timeMs: number;
  first: KeyTimer<K> | undefined = undefined;
  last: KeyTimer<K> | undefined = undefined;
  /** Where it is in the heap. */
  at = -1;

  constructor(timeMs: number) {
    this.timeMs = timeMs;
  }
}

/**
 * A binary heap of distinct times, earliest first. Many timers share a time (those of all keys of a
 * window), and are added and removed in O(1); only a new time costs O(log times).
 */
export class TimerHeap<K> {
  readonly #heap: Moment<K>[] = [];
  readonly #moments = new Map<number, Moment<K>>();
  /** Where the last timer was added: the next one mostly is of the same time. */
  #recent: Moment<K> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get earliest(): KeyTimer<K> | undefined {
    return this.#heap[0]?.first;
  }

  /** After those of its time that are there: timers are added in the order of their setting. */
  add(timer: KeyTimer<K>): void {
    const moment = this.#momentOf(timer.timeMs);
    timer.moment = moment;
    timer.before = moment.last;
    if (moment.last) moment.last.after = timer;
    else moment.first = timer;
    moment.last = timer;
    this.#size++;
  }

  remove(timer: KeyTimer<K>): void {
    const { before, after } = timer;
    const moment = timer.moment as Moment<K>;
    if (before) before.after = after;
    else moment.first = after;
    if (after) after.before = before;
    else moment.last = before;
    timer.moment = timer.before = timer.after = undefined;
    this.#size--;
    if (!moment.first) this.#removeMoment(moment);
  }

  #momentOf(timeMs: number): Moment<K> {
    if (this.#recent?.timeMs === timeMs) return this.#recent;
    let moment = this.#moments.get(timeMs);
    if (!moment) {
      moment = new Moment(timeMs);
      this.#moments.set(timeMs, moment);
      this.#rise(moment, this.#heap.length);
    }
    this.#recent = moment;
    return moment;
  }

  #removeMoment(moment: Moment<K>): void {
    if (this.#recent === moment) this.#recent = undefined;
    this.#moments.delete(moment.timeMs);
    const last = this.#heap.pop() as Moment<K>;
    if (last === moment) return;
    this.#rise(last, moment.at);
    this.#sink(last, last.at);
  }

  #rise(moment: Moment<K>, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above] as Moment<K>;
      if (moment.timeMs >= parent.timeMs) break;
      this.#place(parent, at);
      at = above;
    }
    this.#place(moment, at);
  }

  #sink(moment: Moment<K>, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1], heap[below])) below++;
      const child = heap[below] as Moment<K>;
      if (child.timeMs >= moment.timeMs) break;
      this.#place(child, at);
      at = below;
    }
    this.#place(moment, at);
  }

  #place(moment: Moment<K>, at: number): void {
    this.#heap[at] = moment;
    moment.at = at;
  }
}

function isBefore<K>(one: Moment<K> | undefined, other: Moment<K> | undefined): boolean {
  return (one as Moment<K>).timeMs < (other as Moment<K>).timeMs;
}
