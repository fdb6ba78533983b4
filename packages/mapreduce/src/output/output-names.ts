import { basename, dirname, join } from "node:path";

/** What is written beside an output's folder: hidden, and named after it. */
export interface OutputNames {
  readonly output: string;
  /** The folder that the output's is in, whose names make a commit atomic. */
  readonly parent: string;
  /** The file that says that a new output takes an old one's place, and which. */
  readonly intent: string;
  /** The intent of a job before it has its name. */
  draft(job: string): string;
  /** The new output of a job until it is committed. */
  staging(job: string): string;
  /** The old output while the new one takes its place. */
  replaced(job: string): string;
}

export function outputNames(output: string): OutputNames {
  const parent = dirname(output);
  const beside = (suffix: string): string => join(parent, `.${basename(output)}.${suffix}`);
  return {
    output,
    parent,
    intent: beside("replacing"),
    draft: (job) => beside(`${job}.replacing`),
    staging: (job) => beside(`${job}.new`),
    replaced: (job) => beside(`${job}.old`),
  };
}

/** `part-00007`, and `part-00007-0001` for a second piece: sorted by their numbers up to 99,999. */
export function partName(part: number, piece = 0): string {
  const name = `part-${String(part).padStart(5, "0")}`;
  return piece === 0 ? name : `${name}-${String(piece).padStart(4, "0")}`;
}

/** Written last into an output, as Hadoop's jobs do: who finds it finds all of the output. */
export const SUCCESS_NAME = "_SUCCESS";
