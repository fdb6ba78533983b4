import { integerBetween, pick, type Random } from "@quorate/runtime";
import { keyGroup } from "../src/core/state/key-groups.ts";

export interface SimulatedEvent {
  readonly id: string;
  readonly source: number;
  readonly split: string;
  /** Shared by all splits: its records have no order. */
  readonly key: string;
  /** Of this split alone: its records are in the order of the split. */
  readonly own: string;
  /** As `own`, but all of a split are in one key group, and so always in one subtask. */
  readonly bundled: string;
  readonly atMs: number;
  readonly value: number;
}

/** A split's records in their order: a source always reads the same ones. */
export interface SimulatedSplit {
  readonly name: string;
  readonly events: readonly SimulatedEvent[];
}

/** What a run reads, and how far its records are out of order. */
export interface SimulatedData {
  readonly sources: readonly (readonly SimulatedSplit[])[];
  readonly keyGroups: number;
  readonly disorderMs: number;
  /** Some come later than `disorderMs` allows, or after their split was idle. */
  readonly isLate: boolean;
  /** Processing time after which a split is idle. */
  readonly idleAfterMs: number;
}

const OWN_KEYS = 3;

export function drawData(random: Random): SimulatedData {
  const keyGroups = pick(random, [8, 16, 128]);
  const disorderMs = pick(random, [0, 5, 20]);
  const isLate = random.next() < 0.3;
  const mostEvents = pick(random, [10, 30, 60]);
  const spanMs = pick(random, [100, 300, 1_000]);
  const sources = Array.from({ length: integerBetween(random, 1, 3) }, (_, source) =>
    Array.from({ length: integerBetween(random, 1, 4) }, (__, split) => {
      const name = `${source}.${split}`;
      const bundle = bundleOf(name, keyGroups);
      const count = integerBetween(random, 0, mostEvents);
      const drawn = Array.from({ length: count }, () => {
        const isDelayed = isLate && random.next() < 0.1;
        const atMs = integerBetween(random, 0, spanMs);
        const delayMs = integerBetween(random, 0, isDelayed ? 10 * disorderMs + 50 : disorderMs);
        return { atMs, comesAtMs: atMs + delayMs };
      }).toSorted((one, other) => one.comesAtMs - other.comesAtMs);
      const events = drawn.map(({ atMs }, number): SimulatedEvent => {
        const own = integerBetween(random, 0, OWN_KEYS - 1);
        return {
          id: `${name}.${number}`,
          source,
          split: name,
          key: `k${integerBetween(random, 0, 4)}`,
          own: `${name}/${own}`,
          bundled: bundle[own] as string,
          atMs,
          value: integerBetween(random, 0, 9),
        };
      });
      return { name, events };
    }),
  );
  const idleAfterMs = isLate && random.next() < 0.5 ? pick(random, [20, 100]) : Infinity;
  return { sources, keyGroups, disorderMs, isLate, idleAfterMs };
}

/** Names that are all of the key group of the first. */
function bundleOf(name: string, keyGroups: number): readonly string[] {
  const first = `${name}:0`;
  const names = [first];
  for (let number = 1; names.length < OWN_KEYS; number++) {
    const other = `${name}:${number}`;
    if (keyGroup(other, keyGroups) === keyGroup(first, keyGroups)) names.push(other);
  }
  return names;
}
