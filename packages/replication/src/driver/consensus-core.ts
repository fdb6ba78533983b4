import type { Entry } from "./entry.ts";
import type { LogPosition } from "./log-position.ts";

/** What a core wants done, since the last time it was asked. */
export interface Ready<Message, Write> {
  /** To be sent now, in this order; also before `write` is done. */
  readonly messages: readonly { readonly to: string; readonly message: Message }[];
  /** To be made durable; its proof goes to `persisted`. */
  readonly write: Write | undefined;
  /** The state machine is to take over this node's newest snapshot, before `committed` is applied. */
  readonly restore: LogPosition | undefined;
  /** To be applied, in order; the first stands at `firstCommittedIndex`. */
  readonly committed: readonly Entry[];
  readonly firstCommittedIndex: number;
  /** Reads that may be served once their index is applied. */
  readonly reads: readonly ConfirmedRead[];
  /** Reads that will not be confirmed, since this node no longer leads. */
  readonly abandonedReads: readonly number[];
  /** Nodes that need this node's newest snapshot; its end goes to `snapshotSent`. */
  readonly snapshotsToSend: readonly string[];
}

/** A read that may be served once `index` is applied. */
export interface ConfirmedRead {
  readonly id: number;
  readonly index: number;
}

/** What a core knows of its cluster and of its own log's beginning. */
export interface Standing {
  readonly id: string;
  readonly leader: string | undefined;
  /** Raft's term or Paxos' ballot round. */
  readonly term: number;
  /** What this node's newest snapshot covers. */
  readonly snapshot: LogPosition;
}

/**
 * An algorithm that agrees on a log, as a synchronous state machine without I/O: messages, proposals,
 * completed writes and the passing of time go in, and `ready` says what is to be done.
 *
 * What it throws, from any input, is a broken invariant: the node must stop.
 */
export interface ConsensusCore<Message, Write, Proof> {
  readonly server: Standing;
  /** Lets time pass. To be called several times a heartbeat. */
  tick(elapsedMs: number): void;
  receive(from: string, message: Message): void;
  /**
   * Adds a command to the log and returns its index; undefined when this node does not lead, and
   * `overloaded` when too much is uncommitted already. Nothing was done then.
   */
  propose(payload: Uint8Array): number | "overloaded" | undefined;
  /** Asks to confirm that this node leads; false when it does not. Ends in `reads` or `abandonedReads`. */
  read(id: number): boolean;
  /** A write, and all before it, are durable. */
  persisted(proof: Proof): void;
  /** Whether a snapshot that a leader of `term` offers would be taken, as far as can be said now. */
  wantsSnapshot(term: number, last: LogPosition): boolean;
  /** A snapshot that a leader of `term` sent is on disk. */
  snapshotReceived(from: string, term: number, last: LogPosition): void;
  snapshotSent(to: string, index: number, arrived: boolean): void;
  /**
   * A snapshot of the state at `position`, which is applied, is on disk: what stands before the last
   * `keepEntries` places up to it may be forgotten. Returns the place that the log now begins after.
   */
  compact(position: LogPosition, keepEntries: number): LogPosition;
  /** What is to be done, since the last call. */
  ready(): Ready<Message, Write>;
}

/** A core to those who deal neither in messages nor in writes. */
export type ReadsAndSnapshots = Omit<
  ConsensusCore<unknown, unknown, unknown>,
  "receive" | "persisted" | "ready"
>;

/** Where inputs go in; undefined when the core has stopped for good. */
export interface CoreInput {
  readonly core: ReadsAndSnapshots;
  input<T>(give: (core: ReadsAndSnapshots) => T): T | undefined;
}

/** How messages look on the wire. */
export interface MessageCodec<Message> {
  encode(message: Message): Uint8Array;
  /** Undefined for what no version of this program sends. */
  decode(bytes: Uint8Array): Message | undefined;
}
