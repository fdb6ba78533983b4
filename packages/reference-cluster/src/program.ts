import { fileURLToPath } from "node:url";

/** The file of the command `quorate`, seen from `src` and from `dist` alike. */
export const PROGRAM: string = fileURLToPath(new URL("../bin/quorate.js", import.meta.url));

/**
 * What Node itself is to be started with: as this process was, so that children run from source when
 * it does; but for what belongs to a program that came by standard input.
 */
export function inheritedNodeFlags(): string[] {
  return process.execArgv.filter((flag) => !flag.startsWith("--input-type"));
}
