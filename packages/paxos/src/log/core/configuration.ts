import type { Identity } from "../../core/identity.ts";
import { majorityQuorums } from "../../core/quorum/flexible-quorums.ts";
import type { QuorumSystem } from "../../core/quorum/quorum-system.ts";

/** Who sent an answer: which birth of the node's data, and whether it votes without being pinned. */
export type Life = Pick<Identity, "birth" | "votes">;

/** One who votes. Where the birth is pinned, only data of that birth does; see `Identity`. */
export interface Voter {
  readonly node: string;
  /** Undefined: any data that the node was begun with, but none that it made after losing it. */
  readonly birth: number | undefined;
}

/** Who votes in a run of slots. */
export class Configuration {
  readonly voters: readonly Voter[];
  readonly quorums: QuorumSystem;

  /** @throws {PaxosError} `invalid-option`: no voter, too many, or a name twice. */
  constructor(voters: readonly Voter[]) {
    this.voters = voters;
    this.quorums = majorityQuorums(voters.map(({ node }) => node));
  }

  get nodes(): readonly string[] {
    return this.quorums.nodes;
  }

  has(node: string): boolean {
    return this.nodes.includes(node);
  }

  /** Whether the votes of this node, in this life, count. */
  admits(node: string, life: Life): boolean {
    const voter = this.voters.find((known) => known.node === node);
    if (!voter) return false;
    return voter.birth === undefined ? life.votes : voter.birth === life.birth;
  }
}

/** The payload of a configuration's entry: JSON, since it is rare and people may want to read it. */
export function encodeVoters(voters: readonly Voter[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(voters));
}

export function decodeVoters(bytes: Uint8Array): readonly Voter[] {
  const voters = JSON.parse(new TextDecoder().decode(bytes)) as Voter[];
  return voters.map(({ node, birth }) => ({ node, birth }));
}
