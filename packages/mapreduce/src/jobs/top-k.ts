import { json } from "../codec/json.ts";
import { uint } from "../codec/uint.ts";
import type { Input } from "../input/input.ts";
import { defineJob } from "../job/define-job.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { Output } from "../output/output.ts";
import { jsonLinesFiles } from "../output/text-files.ts";

export interface Ranked {
  readonly score: number;
  readonly text: string;
}

export interface TopKOptions {
  readonly input: Input;
  /** How many. A whole number from 1 to 10,000: so many are kept in memory by each task. */
  readonly k: number;
  /** The larger, the higher it ranks. `undefined` leaves the record out; NaN is a bad record. */
  readonly score: (record: InputRecord) => number | undefined;
  /** @default jsonLinesFiles() */
  readonly output?: Output<Ranked>;
}

const MAX_K = 10_000;
const ALL = 0;

/**
 * The `k` records with the largest scores, from the largest on; of equal ones those whose text stands
 * first. Each task sends only its own `k`, and one part of the output has them all.
 */
export function topK({ input, k, score, output = jsonLinesFiles() }: TopKOptions): Job {
  if (!(Number.isInteger(k) && k >= 1 && k <= MAX_K)) {
    throw new MapReduceError(
      "invalid-job",
      `k must be a whole number from 1 to ${MAX_K}, not ${k}`,
    );
  }
  return defineJob<number, readonly Ranked[], Ranked>({
    name: `top ${k}`,
    input,
    key: uint,
    value: json(),
    map: (record, pairs) => {
      const value = score(record);
      if (value === undefined) return;
      if (!Number.isFinite(value)) {
        throw new MapReduceError("bad-record", `its score is ${value}`, { place: record.place });
      }
      pairs.emit(ALL, [{ score: value, text: record.text() }]);
    },
    combine: (left, right) => merged(left, right, k),
    reduce: (_, lists, write) => {
      let best: readonly Ranked[] = [];
      for (const list of lists) best = merged(best, list, k);
      for (const ranked of best) write(ranked);
    },
    output,
  });
}

/** The first `k` of two ranked lists. */
function merged(left: readonly Ranked[], right: readonly Ranked[], k: number): readonly Ranked[] {
  const [lowest, highest] = [left.at(-1), right[0]];
  if (!lowest || !highest) return lowest ? left : right;
  // Most records rank below all that are kept.
  if (left.length >= k && comesBefore(lowest, highest)) return left;
  return [...left, ...right].sort((one, other) => (comesBefore(one, other) ? -1 : 1)).slice(0, k);
}

function comesBefore(one: Ranked, other: Ranked): boolean {
  return one.score === other.score ? one.text <= other.text : one.score > other.score;
}
