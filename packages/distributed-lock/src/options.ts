import { LockError } from "./lock-error.ts";

/** How locks behave. All fields are fixed once they are made. */
export interface LocksOptions {
  /**
   * Milliseconds, at least 10, that a lock stays valid after its last renewal was sent; how soon others
   * get it when its holder dies. The store may grant less; see `validUntil`.
   *
   * @default 10_000
   */
  readonly ttlMs?: number;
  /**
   * Milliseconds, from 0, that others wait in addition after a holder was lost, and not after it
   * released: time for its last messages to arrive or die (Chubby's lock-delay). For resources that
   * check no tokens.
   *
   * @default 0
   */
  readonly lockDelayMs?: number;
  /**
   * Share, from 0 to below 1, by which the rates of two machines' clocks may differ: locks are given
   * up that much of `ttlMs` earlier.
   *
   * @default 0.01
   */
  readonly maxClockDrift?: number;
  /**
   * Milliseconds, above 0, that the store has for an answer; then it is asked again, or the call
   * rejects with `unreachable`. Give it several round trips: with less than one attempt takes, nobody
   * ever gets on.
   *
   * @default 5_000
   */
  readonly requestTimeoutMs?: number;
  /**
   * Most callers, from 1, that may wait for locks at once; one more is turned away with `overloaded`.
   *
   * @default 10_000
   */
  readonly maxWaiting?: number;
}

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(options: LocksOptions): Required<LocksOptions> {
  const { ttlMs = 10_000, lockDelayMs = 0, maxClockDrift = 0.01 } = options;
  const { requestTimeoutMs = 5_000, maxWaiting = 10_000 } = options;
  checkedTtl(ttlMs);
  checkedDelay(lockDelayMs);
  if (!(maxClockDrift >= 0 && maxClockDrift < 1)) {
    throw invalid("maxClockDrift", "from 0 to below 1", maxClockDrift);
  }
  if (!(requestTimeoutMs > 0 && Number.isFinite(requestTimeoutMs))) {
    throw invalid("requestTimeoutMs", "above 0", requestTimeoutMs);
  }
  if (!(Number.isInteger(maxWaiting) && maxWaiting >= 1)) {
    throw invalid("maxWaiting", "a whole number from 1", maxWaiting);
  }
  return { ttlMs, lockDelayMs, maxClockDrift, requestTimeoutMs, maxWaiting };
}

const MIN_TTL_MS = 10;

export function checkedTtl(ttlMs: number): number {
  if (ttlMs >= MIN_TTL_MS && Number.isFinite(ttlMs)) return ttlMs;
  throw invalid("ttlMs", `from ${MIN_TTL_MS}`, ttlMs);
}

export function checkedDelay(lockDelayMs: number): number {
  if (lockDelayMs >= 0 && Number.isFinite(lockDelayMs)) return lockDelayMs;
  throw invalid("lockDelayMs", "from 0", lockDelayMs);
}

/** Milliseconds to wait: from 0, and infinite is fine. */
export function checkedWait(waitMs: number): number {
  if (waitMs >= 0) return waitMs;
  throw invalid("waitMs", "from 0", waitMs);
}

export function checkedCount(name: string, count: number, max: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw invalid(name, `a whole number from 1 to ${max}`, count);
}

const MAX_NAME_BYTES = 255;
const MAX_METADATA_BYTES = 4_096;

export function checkedName(name: string): string {
  const isWhole = !/[\p{Cc}\p{Cs}]/u.test(name); // Cs: half of a surrogate pair
  if (isWhole && name !== "" && Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const range = `1 to ${MAX_NAME_BYTES} bytes of UTF-8 without control characters`;
  throw invalid("a lock's name", range, JSON.stringify(name));
}

export function checkedMetadata(metadata: string): string {
  const isWhole = !/\p{Cs}/u.test(metadata);
  if (isWhole && Buffer.byteLength(metadata) <= MAX_METADATA_BYTES) return metadata;
  throw invalid("metadata", `at most ${MAX_METADATA_BYTES} bytes of UTF-8`, metadata.length);
}

function invalid(name: string, range: string, is: unknown): LockError {
  return new LockError("invalid-option", `${name} must be ${range}, not ${String(is)}`);
}
