import { float64 } from "../codec/float64.ts";
import { tuple } from "../codec/tuple.ts";
import { uint } from "../codec/uint.ts";
import { utf8 } from "../codec/utf8.ts";
import type { Input } from "../input/input.ts";
import { defineJob } from "../job/define-job.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job } from "../job/job.ts";
import type { Output } from "../output/output.ts";
import { jsonLinesFiles } from "../output/text-files.ts";

export interface Average {
  readonly key: string;
  readonly average: number;
  readonly count: number;
}

export interface AverageByKeyOptions {
  readonly input: Input;
  readonly key: (record: InputRecord) => string;
  /** `undefined` leaves the record out. */
  readonly value: (record: InputRecord) => number | undefined;
  /** @default jsonLinesFiles() */
  readonly output?: Output<Average>;
}

/**
 * The average of a number by a key. Averages cannot be combined, so sums and counts are. Sums of
 * fractions are rounded at each step, so their last digits depend on how the input was split.
 */
export function averageByKey({
  input,
  key,
  value,
  output = jsonLinesFiles(),
}: AverageByKeyOptions): Job {
  return defineJob<string, readonly [sum: number, count: number], Average>({
    name: "average by key",
    input,
    key: utf8,
    value: tuple<readonly [number, number]>(float64, uint),
    map: (record, pairs) => {
      const number = value(record);
      if (number !== undefined) pairs.emit(key(record), [number, 1]);
    },
    combine: (left, right) => [left[0] + right[0], left[1] + right[1]],
    reduce: (name, parts, write) => {
      let sum = 0;
      let count = 0;
      for (const [partSum, partCount] of parts) {
        sum += partSum;
        count += partCount;
      }
      write({ key: name, average: sum / count, count });
    },
    output,
  });
}
