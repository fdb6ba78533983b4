import type { ReplicationStatus, StateMachine } from "@quorate/replication";
import type { DrivenNode } from "@quorate/replication/driver";
import type { Clock, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { RaftStorage } from "../storage/raft-storage.ts";

/** What a node needs from outside. */
export interface RaftDependencies<S extends StateMachine> {
  /** Names this node. The caller starts it before the node, and stops it after. */
  readonly transport: Transport;
  /** Empty when the node starts; the node fills it from its snapshot and log. */
  readonly machine: S;
  /** @default a `WalStorage` in `directory`, on the system's file system */
  readonly storage?: RaftStorage;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** One member of a Raft cluster. */
export type RaftNode<S extends StateMachine> = DrivenNode<S, RaftStatus>;

export interface RaftStatus extends ReplicationStatus {
  readonly votedFor: string | undefined;
  /** What the newest snapshot on this node's disk covers; 0 when there is none. */
  readonly snapshotIndex: number;
  /** Given by a leader: how far it knows each follower to be. */
  readonly followers: Readonly<Record<string, FollowerStatus>> | undefined;
}

export interface FollowerStatus {
  readonly matchIndex: number;
  readonly state: "probe" | "replicate" | "snapshot";
  /** Whether it was heard from since the last check of the quorum. */
  readonly active: boolean;
}
