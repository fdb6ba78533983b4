import type { Ballot } from "../../core/ballot.ts";
import type { Identity } from "../../core/identity.ts";

/** An acceptor in one of its lives with data. */
export interface Member {
  readonly node: string;
  /** Of its data; 0 stands for a node that was there when the cluster began. */
  readonly birth: number;
  /** The epoch in which it became an acceptor; 0 for the first ones. */
  readonly joined: number;
}

/**
 * Who accepts. Each change of it is decided in the register itself, under the key `CONFIG_KEY`, by the
 * configuration before; and each message is of one epoch and does not count in another.
 */
export interface RegisterConfig {
  /** Counts from 0, the configuration that the cluster began with. */
  readonly epoch: number;
  /** Majorities of these promise, and accept. */
  readonly members: readonly Member[];
  /** During a change: majorities of these, too, must accept, while `members` alone promise. */
  readonly next: readonly Member[] | undefined;
  /** What members must have forgotten at least: see `ForgottenKeys`. */
  readonly forgotten: Ballot;
}

/** Where the cluster's configuration is kept; no user's key is empty. */
export const CONFIG_KEY = "";

/** All acceptors of a configuration: bit i of a `NodeSet` stands for the i-th. */
export function nodesOf({ members, next = [] }: RegisterConfig): readonly string[] {
  return [...new Set([...members, ...next].map(({ node }) => node))];
}

/** As which member of the configuration this life of a node votes, if it does. */
export function voterOf(
  { members, next = [] }: RegisterConfig,
  identity: Identity,
): Member | undefined {
  const member = [...members, ...next].find(({ node }) => node === identity.node);
  const isIt = member?.birth === 0 ? identity.votes : member?.birth === identity.birth;
  return isIt ? member : undefined;
}
