import { showBallot } from "../core/ballot.ts";
import type { SynodStatus } from "./synod-node.ts";

/** In words: what keeps a node from knowing a value. */
export function explain({ nodeId, phase, ballot, votes, isChosen }: SynodStatus): string[] {
  if (phase === "stopped") return [`${nodeId} does not run`];
  if (isChosen) return [];
  const reasons: string[] = [];
  if (!votes) reasons.push(`${nodeId} does not vote: its data was lost, or it is no acceptor`);
  if (phase === "idle") reasons.push(`${nodeId} proposes nothing, and has not learned of a value`);
  if (phase === "backoff") reasons.push(`${nodeId} was outbid, and waits to try again`);
  if (ballot && phase === "prepare") {
    reasons.push(`ballot ${showBallot(ballot)} waits for a phase-1 quorum to promise`);
  }
  if (ballot && phase === "accept") {
    reasons.push(`ballot ${showBallot(ballot)} waits for a phase-2 quorum to accept`);
  }
  return reasons;
}
