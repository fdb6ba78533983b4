/**
 * Layer 2, a map of registers without a leader (CASPaxos): not here yet. So far this has only what
 * its callers will need besides.
 *
 * @packageDocumentation
 */
export { PaxosError, type PaxosErrorCode } from "../paxos-error.ts";
