/** Layers from which on the newer ones are merged. */
export const MAX_LAYERS = 12;

/**
 * From which layer on they should be one, by their sizes, oldest first; undefined: they are not too many.
 * Those at the end, as long as the one before is less than twice as large as they are together: so a
 * byte is written again about as often as the state doubles, and what is read is at most about twice
 * the state.
 */
export function mergeFrom(bytes: readonly number[], maxLayers: number): number | undefined {
  if (bytes.length < maxLayers) return undefined;
  let from = bytes.length - 2;
  let together = (bytes[from] as number) + (bytes[from + 1] as number);
  while (from > 0 && (bytes[from - 1] as number) < 2 * together) {
    from--;
    together += bytes[from] as number;
  }
  return from;
}
