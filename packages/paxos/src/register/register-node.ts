import type { Clock, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { PaxosError } from "../paxos-error.ts";
import type { RegisterOutcome, Versioned } from "./core/outcome.ts";
import type { Version } from "./core/version.ts";
import type { RegisterStorage } from "./storage/register-storage.ts";

/** What a node needs from outside. */
export interface RegisterDependencies {
  /** Names this node. The caller starts it before the node, and stops it after. */
  readonly transport: Transport;
  /** @default a `LogRegisterStorage` in `directory`, on the system's file system */
  readonly storage?: RegisterStorage;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

export interface CallOptions {
  /** Nobody waits for the outcome any more: `aborted`. It may still take effect, if it is `unknown`. */
  readonly signal?: AbortSignal;
  /** Milliseconds, from 1. @default the node's `timeoutMs` */
  readonly timeoutMs?: number;
}

/** What a key must hold for `compareAndSet` to change it. */
export type Expected =
  /** These bytes; or nothing. */
  | { readonly value: Uint8Array | undefined }
  /** The value that this very write made: another of the same bytes does not match. */
  | { readonly version: Version };

/** How a comparison came out. */
export type Compared =
  | { readonly matched: true; readonly version: Version }
  /** What was there instead. */
  | { readonly matched: false; readonly current: Versioned | undefined };

/** A map of registers. Any node serves all operations; those on one key have one order. */
export interface RegisterNode extends AsyncDisposable {
  /**
   * Reads its disk, begins a new incarnation, and takes part from then on.
   *
   * @throws {PaxosError} `damaged`, `wrong-directory`.
   */
  start(): Promise<void>;
  /**
   * Takes part no longer, without a word, as in a crash, and closes its files; what is under way ends as
   * `stopped`. A second call has no effect; there is no second start.
   */
  stop(): Promise<void>;
  /*
   * All operations reject only for a mistake of the caller:
   *
   * throws {PaxosError} `invalid-option` (a key is empty, too long, or not well-formed), `not-started`.
   */
  /** The value of a key; undefined when it holds none. Linearizable. */
  get(key: string, options?: CallOptions): Promise<RegisterOutcome<Versioned | undefined>>;
  /** Gives a key a value, whatever it holds. */
  set(key: string, value: Uint8Array, options?: CallOptions): Promise<RegisterOutcome<Version>>;
  /**
   * Gives a key a value, or with `undefined` none, if it holds what is expected. With an expected
   * version it may be tried again after `unknown`: it matches once at most.
   */
  compareAndSet(
    key: string,
    expected: Expected,
    value: Uint8Array | undefined,
    options?: CallOptions,
  ): Promise<RegisterOutcome<Compared>>;
  /**
   * Gives a key what `change` makes of what it holds; undefined for none, and the same object to leave
   * it. `change` runs on this node, once for each ballot that it takes, and must depend on nothing else;
   * one of its results is applied, once. It must be quick, and must not change what it is given.
   *
   * @throws what `change` throws; nothing was changed.
   */
  update(
    key: string,
    change: (current: Uint8Array | undefined) => Uint8Array | undefined,
    options?: CallOptions,
  ): Promise<RegisterOutcome<Versioned | undefined>>;
  /** Deletes a key; tells whether it held a value. Its space is given back a while later. */
  delete(key: string, options?: CallOptions): Promise<RegisterOutcome<boolean>>;
  /**
   * Makes these nodes the acceptors: new ones are brought up to date, key by key, before they count. A
   * node that lost its data is taken in again by naming it. Resolves when it is done; after anything but
   * `committed` the cluster works by the old members, or by both, until somebody calls it again.
   *
   * @throws {PaxosError} `invalid-option`, `not-started`.
   */
  changeMembers(
    members: readonly string[],
    options?: CallOptions,
  ): Promise<RegisterOutcome<readonly string[]>>;
  /** Told once if the node had to stop by itself: a write failed, or an invariant broke. */
  onFailure(listener: (error: PaxosError) => void): () => void;
  status(): RegisterStatus;
  /** In words: what keeps operations waiting. */
  explain(): string[];
  /** Counters since the start, and gauges. */
  metrics(): RegisterMetrics;
}

export interface RegisterStatus {
  readonly nodeId: string;
  readonly isRunning: boolean;
  /** Of the configuration that this node knows; each change has two. */
  readonly epoch: number;
  readonly members: readonly string[];
  /** During a change, who will be the members. */
  readonly nextMembers: readonly string[] | undefined;
  /** Whether this node accepts: false in one that is no member, or lost its data. */
  readonly votes: boolean;
}

export interface RegisterMetrics {
  readonly framesSent: number;
  /** Frames that the transport had no room or connection for. */
  readonly framesDropped: number;
  readonly framesReceived: number;
  /** Frames that no version of this program sends. */
  readonly framesRefused: number;
  /** Operations under way or queued. */
  readonly operations: number;
  /** Keys that operations are under way for. */
  readonly busyKeys: number;
  /** Keys whose next write from here takes one round trip. */
  readonly promisedKeys: number;
  /** Keys whose state is in memory. */
  readonly keysInMemory: number;
  /** Keys that this acceptor has on disk. */
  readonly keysOnDisk: number;
  readonly indexBytes: number;
  readonly logRecords: number;
  /** Deleted keys that are not forgotten yet, as far as this node sees to them. */
  readonly keysToCollect: number;
  readonly keysCollected: number;
}
