import type { NodeId } from "@quorate/transport";
import { KvError } from "../kv-error.ts";

/** How a client behaves. All fields are fixed once it is made. */
export interface KvClientOptions {
  /** The nodes that serve the store, at least one. It finds the leader among them by itself. */
  readonly nodes: readonly NodeId[];
  /** As `serveKv` was given it on all nodes. @default no name */
  readonly store?: string;
  /**
   * Milliseconds, above 0, that a call may take with all its attempts.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number;
  /**
   * Milliseconds, above 0, after which an attempt is given up for another, at another node.
   *
   * @default 1_000
   */
  readonly attemptTimeoutMs?: number;
  /**
   * Most calls under way at once, from 1; one more is turned away with `overloaded`.
   *
   * @default 1_024
   */
  readonly maxInflight?: number;
  /**
   * Milliseconds, above 0, that the wait before another attempt is at most, at first. It doubles
   * with each attempt; how much of it is waited is drawn at random.
   *
   * @default 10
   */
  readonly firstRetryDelayMs?: number;
  /**
   * Milliseconds, at least `firstRetryDelayMs`, that it grows to.
   *
   * @default 250
   */
  readonly maxRetryDelayMs?: number;
  /**
   * Milliseconds, above 0, after which the node that tells this client's watches is asked how far they
   * are: so it shows that it is not cut off, and where they would go on elsewhere.
   *
   * @default 5_000
   */
  readonly watchProgressMs?: number;
  /**
   * Bytes of events of one watch, from 1, that wait for its reader (one batch may be more). What comes
   * beyond is not kept: once the reader has taken these, the watch goes on from the store's history.
   *
   * @default 4_194_304
   */
  readonly watchBufferBytes?: number;
}

/** What each call takes. */
export interface CallOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds, above 0, that this call may take with all its attempts.
   *
   * @default the client's
   */
  readonly timeoutMs?: number;
}

export type ValidatedClientOptions = Required<Omit<KvClientOptions, "store">> & {
  readonly store: string | undefined;
};

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(options: KvClientOptions): ValidatedClientOptions {
  const { nodes, timeoutMs = 5_000, attemptTimeoutMs = 1_000, maxInflight = 1_024 } = options;
  const { firstRetryDelayMs = 10, maxRetryDelayMs = Math.max(250, firstRetryDelayMs) } = options;
  if (nodes.length === 0) throw new KvError("invalid-option", "nodes must name at least one node");
  checkedMs("timeoutMs", timeoutMs);
  checkedMs("attemptTimeoutMs", attemptTimeoutMs);
  checkedMs("firstRetryDelayMs", firstRetryDelayMs);
  const watchProgressMs = checkedMs("watchProgressMs", options.watchProgressMs ?? 5_000);
  if (!(maxRetryDelayMs >= firstRetryDelayMs && Number.isFinite(maxRetryDelayMs))) {
    throw new KvError("invalid-option", "maxRetryDelayMs must be at least firstRetryDelayMs");
  }
  if (!(Number.isInteger(maxInflight) && maxInflight >= 1)) {
    const message = `maxInflight must be a whole number from 1, not ${maxInflight}`;
    throw new KvError("invalid-option", message);
  }
  const bounds = { timeoutMs, attemptTimeoutMs, maxInflight, firstRetryDelayMs, maxRetryDelayMs };
  const { watchBufferBytes = 4_194_304 } = options;
  if (!(watchBufferBytes >= 1)) {
    const message = `watchBufferBytes must be from 1, not ${watchBufferBytes}`;
    throw new KvError("invalid-option", message);
  }
  return { nodes, store: options.store, watchProgressMs, watchBufferBytes, ...bounds };
}

export function checkedMs(name: string, ms: number): number {
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new KvError("invalid-option", `${name} must be above 0, not ${ms}`);
}
