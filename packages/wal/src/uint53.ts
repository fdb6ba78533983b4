const HIGH = 2 ** 32;

/** Writes a safe integer from 0 as 8 little-endian bytes. */
export function writeUint53(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % HIGH, true);
  view.setUint32(offset + 4, Math.floor(value / HIGH), true);
}

/** Reads what `writeUint53` wrote. */
export function readUint53(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * HIGH;
}
