import { fileURLToPath } from "node:url";

/** The file of the command `quorate`, seen from `src` and from `dist` alike. */
export const PROGRAM: string = fileURLToPath(new URL("../bin/quorate.js", import.meta.url));

/** The module of the ranking's job, seen from `src` and from `dist` alike. */
export const RANKING_JOB: URL = new URL("../bin/ranking-job.js", import.meta.url);

/** Node's flags that say how modules are found and loaded; each has a value, behind it or after "=". */
const LOADING_FLAGS = ["--conditions", "-C", "--import", "--require", "-r"];

/**
 * The flags of this process that its children need too, so that they run from source when it does.
 * Only these: were `--eval` passed on, each child would run the caller's program in place of its own,
 * and have children in turn.
 */
export function inheritedNodeFlags(flags: readonly string[] = process.execArgv): string[] {
  return flags.filter((flag, at) => {
    const isValue = LOADING_FLAGS.includes(flags[at - 1] ?? "");
    return isValue || LOADING_FLAGS.includes(flag.split("=", 1)[0]!);
  });
}
