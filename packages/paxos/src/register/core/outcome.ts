import type { Version } from "./version.ts";

/**
 * How an operation on a key ended.
 *
 * - `committed`: it took effect, once, in its place in the order of all operations on the key. A
 *   comparison that failed is such an answer, too: it was so at that moment.
 * - `rejected`: it surely had no effect, and never will.
 * - `unknown`: it may have taken effect, once, or may still; or not.
 */
export type RegisterOutcome<R> = RegisterCommitted<R> | RegisterRejected | RegisterUnknown;

export interface RegisterCommitted<R> {
  readonly kind: "committed";
  readonly result: R;
}

export interface RegisterRejected {
  readonly kind: "rejected";
  readonly reason: RegisterRejection;
}

export interface RegisterUnknown {
  readonly kind: "unknown";
  readonly reason: RegisterUncertainty;
}

/**
 * - `unavailable`: no quorum answered within the time allowed.
 * - `overloaded`: as many operations, or keys, are under way as may be. Try again later.
 * - `too-large`: the new value is above `maxValueBytes`.
 * - `aborted`, `stopped`: by the caller's signal, or with the node.
 */
export type RegisterRejection = "unavailable" | "overloaded" | "too-large" | "aborted" | "stopped";

/**
 * - `timeout`, `aborted`, `stopped`: as above, after acceptors were asked to accept it.
 * - `lost-track`: it was outbid, and since then so many nodes wrote to the key, or it was deleted and
 *   forgotten, that nobody can tell any more.
 */
export type RegisterUncertainty = "timeout" | "aborted" | "stopped" | "lost-track";

/** A value that is there. */
export interface Versioned {
  readonly value: Uint8Array;
  /** Of the write that made it. */
  readonly version: Version;
}
