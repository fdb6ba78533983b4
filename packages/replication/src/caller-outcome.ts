import type { Outcome } from "./outcome.ts";
import { ReplicationError } from "./replication-error.ts";
import type { Applied } from "./sessioned-state-machine.ts";

/** How a command ended, in the terms of whoever proposed it. */
export function resultOf(outcome: Outcome<Applied>): Outcome {
  if (outcome.kind !== "committed") return outcome;
  const { index, result } = outcome;
  return result.kind === "result"
    ? { kind: "committed", index, result: result.result }
    : { kind: "rejected", reason: "session-expired" };
}

/** How the opening of a session ended. */
export function sessionOf(outcome: Outcome<Applied>): Outcome<number> {
  if (outcome.kind !== "committed") return outcome;
  const { index, result } = outcome;
  if (result.kind === "session-opened")
    return { kind: "committed", index, result: result.sessionId };
  throw new ReplicationError(
    "invariant-broken",
    `entry ${index} opened a session and got ${result.kind}`,
  );
}
