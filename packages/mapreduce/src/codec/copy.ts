/** A call of `set` costs as much as some eighty bytes copied in a loop. */
const SHORT_BYTES = 80;

/** Copies the bytes from `start` to before `end` to `at` of another array. */
export function copy(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
): void {
  if (end - start > SHORT_BYTES) {
    into.set(from.subarray(start, end), at);
    return;
  }
  for (let index = start, to = at; index < end; index++, to++) into[to] = from[index]!;
}
