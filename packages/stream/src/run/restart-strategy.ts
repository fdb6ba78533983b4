import { StreamError } from "../stream-error.ts";

/** Whether a run that failed goes on from its last checkpoint, and when. */
export interface RestartStrategy {
  /**
   * Milliseconds to wait before a restart; undefined: the run fails.
   *
   * @param failure Its number: how many there were, this one included, since the run last completed a
   *   checkpoint that was not its restored one.
   */
  delayMs(failure: number): number | undefined;
}

/** The first failure is the run's. */
export const noRestart: RestartStrategy = { delayMs: () => undefined };

export interface FixedDelayOptions {
  /** Restarts without a checkpoint between them. @default 10 */
  readonly maxRestarts?: number;
  /** @default 1000 */
  readonly delayMs?: number;
}

/** Always the same pause. @throws {StreamError} `invalid-option` */
export function fixedDelay({
  maxRestarts = 10,
  delayMs = 1_000,
}: FixedDelayOptions = {}): RestartStrategy {
  checkAtLeast("maxRestarts", maxRestarts, 0);
  checkAtLeast("delayMs", delayMs, 0);
  return { delayMs: (failure) => (failure > maxRestarts ? undefined : delayMs) };
}

export interface ExponentialDelayOptions {
  /** Restarts without a checkpoint between them. @default Infinity */
  readonly maxRestarts?: number;
  /** @default 100 */
  readonly firstMs?: number;
  /** By which the pause grows each time, at least 1. @default 2 */
  readonly factor?: number;
  /** @default 60000 */
  readonly maxMs?: number;
}

/** Pauses that grow until a checkpoint succeeds. @throws {StreamError} `invalid-option` */
export function exponentialDelay({
  maxRestarts = Infinity,
  firstMs = 100,
  factor = 2,
  maxMs = 60_000,
}: ExponentialDelayOptions = {}): RestartStrategy {
  checkAtLeast("maxRestarts", maxRestarts, 0);
  checkAtLeast("firstMs", firstMs, 0);
  checkAtLeast("factor", factor, 1);
  checkAtLeast("maxMs", maxMs, firstMs);
  return {
    delayMs: (failure) =>
      failure > maxRestarts ? undefined : Math.min(maxMs, firstMs * factor ** (failure - 1)),
  };
}

function checkAtLeast(name: string, value: number, least: number): void {
  if (value >= least) return;
  throw new StreamError("invalid-option", `${name} must be ${least} or above, not ${value}`);
}
