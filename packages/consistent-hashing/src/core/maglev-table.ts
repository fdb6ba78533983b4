import { xxh64 } from "../hash/xxh64.ts";

/** A node to be put into the table. */
interface Entry {
  readonly name: string;
  /** Relative to the sum of all weights. */
  readonly share: number;
}

/**
 * The lookup table of Maglev hashing (Eisenbud et al., "Maglev: A Fast and Reliable Software
 * Network Load Balancer", NSDI 2016, section 3.4): for each of `size` places, a prime number, the
 * index of its node in `entries`, which are sorted by name. Hashes and weights are Envoy's, so the
 * table is the one that Envoy builds: a node of half the greatest weight takes a place every other
 * turn.
 */
export function maglevTable(entries: readonly Entry[], size: number): Int32Array {
  const table = new Int32Array(size).fill(-1);
  const offsets = Int32Array.from(entries, ({ name }) => Number(xxh64(name) % BigInt(size)));
  const skips = Int32Array.from(
    entries,
    ({ name }) => Number(xxh64(name, 1n) % BigInt(size - 1)) + 1,
  );
  const greatest = entries.reduce((most, { share }) => Math.max(most, share), 0);
  const shares = Float64Array.from(entries, ({ share }) => share);
  const due = new Float64Array(entries.length);
  let filled = 0;
  for (let turn = 1; filled < size; turn++) {
    for (let index = 0; index < shares.length && filled < size; index++) {
      if (turn * (shares[index] as number) < (due[index] as number)) continue;
      due[index] = (due[index] as number) + greatest;
      const skip = skips[index] as number;
      let place = offsets[index] as number;
      while ((table[place] as number) >= 0) {
        place += skip;
        if (place >= size) place -= size;
      }
      table[place] = index;
      offsets[index] = place;
      filled++;
    }
  }
  return table;
}
