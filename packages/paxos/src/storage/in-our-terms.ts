import { WalError } from "@quorate/wal";
import { PaxosError } from "../paxos-error.ts";

/** What the log or a record says of damage, as this package says it; anything else as it is. */
export function inOurTerms(error: unknown): unknown {
  const isDamage =
    (error instanceof WalError && error.code === "damaged") ||
    (error instanceof PaxosError && error.code === "malformed");
  return isDamage ? new PaxosError("damaged", error.message, { cause: error }) : error;
}
