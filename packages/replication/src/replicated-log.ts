import type { Outcome } from "./outcome.ts";
import type { ReadConsistency } from "./read-consistency.ts";
import type { SessionCommand } from "./session.ts";
import type { StateMachine } from "./state-machine.ts";

/**
 * A log of commands that a cluster agrees on, in front of a state machine on each node. Raft and
 * Paxos implement it; `@quorate/replication/compliance` is the suite that both pass.
 *
 * `S` is the state machine, as reads see it.
 */
export interface ReplicatedLog<S extends StateMachine = StateMachine> {
  /**
   * This node's state machine, for what is beside it on the node and listens to it. How fresh it is, a
   * `read` says; only the log may change it.
   */
  readonly machine: S;
  /**
   * Proposes a command. Never rejects for what may happen to a cluster: that is in the outcome.
   *
   * @throws {ReplicationError} `invalid-option` for an argument out of its range.
   */
  propose(command: Uint8Array, options?: ProposeOptions): Promise<Outcome>;
  /**
   * Opens a session in which retries are safe, through the log. Its id is the index of its entry.
   * The session lives until `sessionTtlMs` of log time pass without a command in it.
   */
  openSession(options?: WaitOptions): Promise<Outcome<number>>;
  /**
   * Runs `query` on this node's state machine, once it is as fresh as `consistency` asks. The query
   * must not change the state or keep a reference to it.
   *
   * @throws {ReplicationError} `unavailable` when freshness cannot be shown in time, `stopped`.
   */
  read<A>(query: (state: S) => A, options?: ReadOptions): Promise<ReadResult<A>>;
  /** What this node knows of itself and the cluster, at this moment. */
  status(): ReplicationStatus;
  /** In words: what keeps this node from making progress. Empty when nothing does. */
  explain(): string[];
  /** Told when this node learns of another leader, or of none. Says nothing of before. */
  onLeader(listener: (leader: string | undefined, term: number) => void): () => void;
}

export interface WaitOptions {
  /** Gives up waiting; the outcome is `unknown`, unless it was not yet proposed. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds, above 0, until the outcome is `unknown` with reason `timeout`.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

export interface ProposeOptions extends WaitOptions {
  /** Makes a retry safe. Without it, a command that is proposed twice may be applied twice. */
  readonly session?: SessionCommand;
}

export interface ReadOptions extends WaitOptions {
  /** @default "linearizable" */
  readonly consistency?: ReadConsistency;
}

export interface ReadResult<A> {
  /** The last index that was applied when the query ran. */
  readonly index: number;
  readonly value: A;
}

export interface ReplicationStatus {
  readonly nodeId: string;
  readonly role: "leader" | "follower" | "candidate" | "stopped";
  readonly leader: string | undefined;
  /** Raft's term or Paxos' ballot round. */
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  /** The first index still in the log; earlier ones are in the snapshot. */
  readonly firstIndex: number;
  readonly voters: readonly string[];
}
