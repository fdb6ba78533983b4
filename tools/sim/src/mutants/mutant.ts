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
  /**
   * The first seed that is tried. For a bug that few seeds show, near one of them, so that nobody
   * waits; `--seeds` tries from 1 on and so tells how rare it is.
   *
   * @default 1
   */
  readonly firstSeed?: number;
}

/** The mutants of a file `packages/<any>/sim/<target>.mutants.ts`, to be found by that target. */
export interface MutantsOfTarget {
  readonly target: string;
  /** Each must be found by one of so many seeds. */
  readonly maxSeeds: number;
  readonly mutants: readonly Mutant[];
}
