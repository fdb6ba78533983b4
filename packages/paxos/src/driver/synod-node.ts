import type { Clock, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { Ballot } from "../core/ballot.ts";
import type { PaxosError } from "../paxos-error.ts";
import type { SynodStorage } from "../storage/synod-storage.ts";

/** What a node needs from outside. */
export interface SynodDependencies {
  /** Names this node. The caller starts it before the node, and stops it after. */
  readonly transport: Transport;
  /** @default a `WalSynodStorage` in `directory`, on the system's file system */
  readonly storage?: SynodStorage;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** One node of a Synod, which decides on one value, once. */
export interface SynodNode extends AsyncDisposable {
  /**
   * Reads its disk, begins a new incarnation, and takes part from then on.
   *
   * @throws {PaxosError} `damaged`, `wrong-directory`.
   */
  start(): Promise<void>;
  /**
   * Takes part no longer, without a word, as in a crash, and closes its files. Who waits is rejected
   * with `stopped`. A second call has no effect; there is no second start.
   */
  stop(): Promise<void>;
  /**
   * Proposes a value, of up to `maxValueBytes`, and resolves to the one that is chosen, which may be
   * another's. Waits for as long as no quorum answers. Of several values that are proposed here the
   * first counts. Whether a value that was proposed is chosen after all, nobody knows until one is.
   *
   * @throws {PaxosError} (as a rejection) `too-large`, `overloaded`, `not-started`: it was not proposed.
   *   `stopped`: it may still be chosen.
   * @throws the signal's reason when it aborts first; the proposal goes on.
   */
  propose(value: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
  /** Resolves to the value that is chosen, without proposing one; rejects as `propose` does. */
  whenChosen(options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
  /** The value that is chosen, once this node knows it. */
  readonly chosen: Uint8Array | undefined;
  /** Told once if the node had to stop by itself: a write failed, or an invariant broke. */
  onFailure(listener: (error: PaxosError) => void): () => void;
  status(): SynodStatus;
  /** In words: what keeps the node from knowing a value. */
  explain(): string[];
  /** Counters since the start, and gauges. */
  metrics(): SynodMetrics;
}

export interface SynodStatus {
  readonly nodeId: string;
  /** What its proposer does. */
  readonly phase: "stopped" | "idle" | "prepare" | "accept" | "backoff";
  /** Of its own proposer, while it has one under way. */
  readonly ballot: Ballot | undefined;
  /** False in a node that lost its data, or is none of the acceptors. */
  readonly votes: boolean;
  /** The highest ballot that its acceptor has promised, durably or not yet. */
  readonly promised: Ballot | undefined;
  readonly isChosen: boolean;
}

export interface SynodMetrics {
  readonly messagesSent: number;
  /** Messages that the transport had no room or connection for; they are sent again when they must. */
  readonly messagesDropped: number;
  readonly messagesReceived: number;
  /** Messages that no version of this program sends. */
  readonly messagesRefused: number;
  readonly waiting: number;
}
