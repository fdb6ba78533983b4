/**
 * The command `quorate`.
 *
 * @packageDocumentation
 */
export { runCommandLine } from "./cli/run-command-line.ts";
