/**
 * Layer 3, a replicated log (Multi-Paxos): not here yet. So far this has only what its callers will
 * need besides.
 *
 * @packageDocumentation
 */
export { PaxosError, type PaxosErrorCode } from "../paxos-error.ts";
