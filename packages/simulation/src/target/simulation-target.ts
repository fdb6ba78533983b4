/** A program that `pnpm sim <name>` can run in a world drawn from a seed. */
export interface SimulationTarget {
  readonly name: string;
  /** What a set of runs must have exercised: each is in `TargetResult.coverage`. */
  readonly coverage: readonly string[];
  /** Never rejects for what the program does wrong: that is in the result. */
  run(seed: string | number, options: TargetOptions): Promise<TargetResult>;
}

/**
 * - `safety`: faults all the way; nothing may ever be wrong.
 * - `liveness`: after a while a random core (a majority) is healed, all other faults stay for good,
 *   and the core must make progress. Faults that always heal everywhere hide livelocks.
 */
export type SimulationMode = "safety" | "liveness";

export interface TargetOptions {
  readonly mode: SimulationMode;
  /** Numbers of the planned faults that happen; the others do not. @default all */
  readonly only?: readonly number[];
}

export interface TargetResult {
  readonly failure?: TargetFailure;
  /** What the program's users asked for and got. */
  readonly operations: number;
  /** What the world did wrong, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** What was exercised, by name. */
  readonly coverage: Readonly<Record<string, number>>;
  readonly events: number;
  readonly simulatedMs: number;
  /** Equal for two runs of one seed, or something in the program is not deterministic. */
  readonly traceHash: string;
  /** The faults that were planned, by number and in words. */
  readonly plan: readonly { readonly number: number; readonly text: string }[];
}

export interface TargetFailure {
  /** One line: what is wrong. */
  readonly reason: string;
  /** The stack, the cause, what else helps. */
  readonly details: string;
  /** The last events of each node. */
  readonly diagram: string;
}
