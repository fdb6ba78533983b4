/**
 * A bug planted on purpose: a piece of a source file is read as another. `pnpm sim mutants` alone
 * plants it, in memory; no switch for it is in the program.
 */
export interface Mutant {
  /** What the program does with it, in a few words. */
  readonly bug: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly original: string;
  readonly planted: string;
}

/** The mutants of a file `packages/<any>/sim/<target>.mutants.ts`, to be found by that target. */
export interface MutantsOfTarget {
  readonly target: string;
  /** Each must be found by some seed from 1 to this. */
  readonly maxSeeds: number;
  readonly mutants: readonly Mutant[];
}
