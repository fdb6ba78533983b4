import { json } from "../codec/json.ts";
import { uint } from "../codec/uint.ts";
import { utf8 } from "../codec/utf8.ts";
import type { Input } from "../input/input.ts";
import { defineJob, type Source } from "../job/define-job.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job } from "../job/job.ts";
import { sortBy } from "../job/sort-by.ts";
import type { Output } from "../output/output.ts";
import { jsonLinesFiles } from "../output/text-files.ts";

/** One of the two inputs of a join. */
export interface JoinSide<T> {
  readonly input: Input;
  /** What records are joined by. `undefined` leaves the record out, as SQL does with NULL. */
  readonly key: (record: InputRecord) => string | undefined;
  /** What is wanted of a record, as JSON can hold it. */
  readonly value: (record: InputRecord) => T;
}

/** One record of each side with the same key; `null` stands for a side that has none. */
export interface Joined<L, R> {
  readonly key: string;
  readonly left: L | null;
  readonly right: R | null;
}

export interface JoinOptions<L, R> {
  /** The side with few records of the same key: those of one key are kept in memory. */
  readonly left: JoinSide<L>;
  readonly right: JoinSide<R>;
  /**
   * Which records come out without one on the other side: `inner` none, `left` and `right` those of
   * that side, `outer` those of both.
   *
   * @default "inner"
   */
  readonly kind?: "inner" | "left" | "right" | "outer";
  /** @default jsonLinesFiles() */
  readonly output?: Output<Joined<L, R>>;
}

type Tagged<L, R> = readonly [side: 0, value: L] | readonly [side: 1, value: R];

/**
 * Every record of one side with every one of the other that has the same key: a join in reduce, by a
 * secondary sort that puts the left side before the right one, which then only streams by.
 */
export function join<L, R>({
  left,
  right,
  kind = "inner",
  output = jsonLinesFiles(),
}: JoinOptions<L, R>): Job {
  const keepsLeft = kind === "left" || kind === "outer";
  const keepsRight = kind === "right" || kind === "outer";
  return defineJob<string, Tagged<L, R>, Joined<L, R>>({
    name: "join",
    input: [
      source<L, R, L>(left, (value) => [0, value]),
      source<L, R, R>(right, (value) => [1, value]),
    ],
    key: utf8,
    value: json(),
    sort: sortBy(([side]) => side, uint),
    reduce: (key, values, write) => {
      const lefts: L[] = [];
      let hasRight = false;
      for (const [side, value] of values) {
        if (side === 0) {
          lefts.push(value);
          continue;
        }
        hasRight = true;
        for (const leftValue of lefts) write({ key, left: leftValue, right: value });
        if (lefts.length === 0 && keepsRight) write({ key, left: null, right: value });
      }
      if (hasRight || !keepsLeft) return;
      for (const leftValue of lefts) write({ key, left: leftValue, right: null });
    },
    output,
  });
}

function source<L, R, T>(
  { input, key, value }: JoinSide<T>,
  tagged: (value: T) => Tagged<L, R>,
): Source<string, Tagged<L, R>> {
  return {
    input,
    map: (record, pairs) => {
      const by = key(record);
      if (by !== undefined) pairs.emit(by, tagged(value(record)));
    },
  };
}
