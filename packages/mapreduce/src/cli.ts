/**
 * The command `quorate-mapreduce`.
 *
 * @packageDocumentation
 */
export { runCommandLine } from "./command-line/run-command-line.ts";
