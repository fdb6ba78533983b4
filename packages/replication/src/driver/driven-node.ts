import type { ReplicatedLog, ReplicationStatus } from "../replicated-log.ts";
import type { ReplicationError } from "../replication-error.ts";
import type { StateMachine } from "../state-machine.ts";

/** One member of a cluster that replicates a log. `Status` is what its algorithm says of itself. */
export interface DrivenNode<
  S extends StateMachine = StateMachine,
  Status extends ReplicationStatus = ReplicationStatus,
>
  extends ReplicatedLog<S>, AsyncDisposable {
  /**
   * Reads its disk and joins its cluster. Resolves when it takes part, which does not wait for a
   * leader or for its state to be complete.
   *
   * @throws {ReplicationError} `damaged`, `wrong-directory`.
   */
  start(): Promise<void>;
  /**
   * Leaves the cluster without a word, as in a crash, and closes its files. What is under way ends as
   * `unknown` with `stopped`. A second call has no effect; there is no second start.
   */
  stop(): Promise<void>;
  /** Told once if the node had to stop by itself: a write failed, or an invariant broke. */
  onFailure(listener: (error: ReplicationError) => void): () => void;
  status(): Status;
  /** Counters since the start, and gauges. */
  metrics(): NodeMetrics;
}

export interface NodeMetrics {
  readonly proposals: number;
  readonly committed: number;
  readonly reads: number;
  readonly leaderChanges: number;
  readonly snapshotsTaken: number;
  readonly snapshotsSent: number;
  readonly snapshotsReceived: number;
  /** Messages that the transport's queue had no room for; the core sends them again when it must. */
  readonly messagesDropped: number;
  /** Messages that no version of this program sends. */
  readonly messagesRefused: number;
  readonly waitingProposals: number;
  readonly waitingReads: number;
}
