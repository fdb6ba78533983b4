/** A record that waits for others, with its event time. */
export interface Timed<T> {
  readonly value: T;
  readonly timestampMs: number;
}

/** Where in a list by time the first after `timestampMs` is; its length if there is none. */
export function firstAfter(list: readonly Timed<unknown>[], timestampMs: number): number {
  // Most come in order.
  const last = list.at(-1);
  if (!last || last.timestampMs <= timestampMs) return list.length;
  let from = 0;
  let to = list.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((list[middle] as Timed<unknown>).timestampMs <= timestampMs) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Puts a record into a list by time, after those of its own time. */
export function insertByTime<T>(list: Timed<T>[], value: T, timestampMs: number): void {
  const at = firstAfter(list, timestampMs);
  if (at === list.length) list.push({ value, timestampMs });
  else list.splice(at, 0, { value, timestampMs });
}
