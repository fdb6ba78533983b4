import type { ReplicatedLog, ReplicationStatus, StateMachine } from "@quorate/replication";
import type { Clock, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { RaftError } from "../raft-error.ts";
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
export interface RaftNode<S extends StateMachine> extends ReplicatedLog<S>, AsyncDisposable {
  /**
   * Reads its disk and joins its cluster. Resolves when it takes part, which does not wait for a
   * leader or for its state to be complete.
   *
   * @throws {RaftError} `damaged`, `wrong-directory`.
   */
  start(): Promise<void>;
  /**
   * Leaves the cluster without a word, as in a crash, and closes its files. What is under way ends as
   * `unknown` with `stopped`. A second call has no effect; there is no second start.
   */
  stop(): Promise<void>;
  /** Told once if the node had to stop by itself: a write failed, or an invariant broke. */
  onFailure(listener: (error: RaftError) => void): () => void;
  status(): RaftStatus;
  /** Counters since the start, and gauges. */
  metrics(): RaftMetrics;
}

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

export interface RaftMetrics {
  readonly proposals: number;
  readonly committed: number;
  readonly reads: number;
  readonly leaderChanges: number;
  readonly snapshotsTaken: number;
  readonly snapshotsSent: number;
  readonly snapshotsReceived: number;
  /** Messages that the transport's queue had no room for; Raft sends them again when it must. */
  readonly messagesDropped: number;
  /** Messages that no version of this program sends. */
  readonly messagesRefused: number;
  readonly waitingProposals: number;
  readonly waitingReads: number;
}
