import type { Outcome, ReplicationStatus, StateMachine, WaitOptions } from "@quorate/replication";
import type { DrivenNode } from "@quorate/replication/driver";
import type { Clock, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { Change } from "../core/configuration-change.ts";
import type { PaxosLogStorage } from "../storage/paxos-log-storage.ts";

/** What a node needs from outside. */
export interface PaxosLogDependencies<S extends StateMachine> {
  /** Names this node. The caller starts it before the node, and stops it after. */
  readonly transport: Transport;
  /** Empty when the node starts; the node fills it from its snapshot and log. */
  readonly machine: S;
  /** @default a `LogWalStorage` in `directory`, on the system's file system */
  readonly storage?: PaxosLogStorage;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** One member of a cluster that replicates a log by Multi-Paxos. */
export interface PaxosLogNode<S extends StateMachine> extends DrivenNode<S, PaxosLogStatus> {
  /**
   * Changes who votes; to be asked of the leader. A node that is to vote is fed first, by itself. Then
   * the change is decided as an entry of the log, and used `window` slots later. It is `committed` when
   * it is used and a quorum of the new voters knows: from then on those who were voted out may go.
   *
   * `add` of a node that votes, but has lost its data, takes it back. One change at a time: a second
   * one is `overloaded`.
   *
   * @returns the names of those that vote now.
   * @throws {ReplicationError} `invalid-option` for nobody, too many, or a name twice.
   */
  reconfigure(change: Change, options?: WaitOptions): Promise<Outcome<readonly string[]>>;
}

export interface PaxosLogStatus extends ReplicationStatus {
  /** The ballot that this node has promised, as in `7.ada`. */
  readonly ballot: string;
  /** Whether this node's votes count; not when it has lost its data, or was not added yet. */
  readonly isVoter: boolean;
  /** What the newest snapshot on this node's disk covers; 0 when there is none. */
  readonly snapshotIndex: number;
  /** Given by a leader: how far it knows each other node to be. */
  readonly followers: Readonly<Record<string, PeerStatus>> | undefined;
}

export interface PeerStatus {
  /** It has accepted, or knows to be decided, all slots up to here. */
  readonly matchIndex: number;
  readonly state: "probe" | "replicate" | "snapshot";
  /** Whether it was heard from since the last check of the quorum. */
  readonly active: boolean;
  /** Whether its votes count, in the newest configuration. */
  readonly isVoter: boolean;
}
