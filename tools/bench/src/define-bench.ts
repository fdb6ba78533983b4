import type { Row } from "./measured.ts";

/** What the command line asked for. */
export interface BenchOptions {
  /** How often ours and each peer runs; the median is reported. A whole number from 1. */
  readonly runs: number;
  /** One run only, to see that it works: a bench may also shrink its work. */
  readonly quick: boolean;
  /** Only cases whose name contains this, whatever the letters' case. */
  readonly case?: string;
}

/** The cases of one file in order; `undefined` where `options.case` left one out. */
export type Bench = (options: BenchOptions) => Promise<readonly (Row | undefined)[]>;

/** Gives a bench file's default export its type. */
export function defineBench(bench: Bench): Bench {
  return bench;
}
