const DIGITS = 16;
const NAME = /^(\d{16})\.wal$/;

/** Files that a crash may leave behind while a segment is made; removed at the next opening. */
export const UNFINISHED_SUFFIX = ".wal.tmp";

/** Sorted by name is sorted by number. */
export function segmentName(number: number): string {
  return `${String(number).padStart(DIGITS, "0")}.wal`;
}

/** The number in a segment's name, or `undefined` for any other name. */
export function segmentNumber(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
