/**
 * The smallest set of items that still fails, as far as `maxRuns` runs show: removes halves, then
 * quarters, and so on, as long as what is left fails.
 *
 * Source: A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE
 * 28(2), 2002 (ddmin).
 */
export async function shrink<T>(
  items: readonly T[],
  stillFails: (kept: readonly T[]) => Promise<boolean>,
  maxRuns: number = 100,
): Promise<readonly T[]> {
  let kept = items;
  let runs = 0;
  for (let parts = 1; kept.length > 0 && runs < maxRuns;) {
    const size = Math.ceil(kept.length / parts);
    let smaller: readonly T[] | undefined;
    for (let at = 0; at < kept.length && !smaller && runs < maxRuns; at += size) {
      const candidate = [...kept.slice(0, at), ...kept.slice(at + size)];
      runs++;
      if (await stillFails(candidate)) smaller = candidate;
    }
    if (smaller) {
      kept = smaller;
      parts = Math.max(1, Math.min(parts - 1, kept.length));
    } else if (size === 1) {
      break;
    } else {
      parts = Math.min(kept.length, 2 * parts);
    }
  }
  return kept;
}
