/** How an endpoint that is new, or back, gets its share by and by. */
export interface SlowStartOptions {
  /** How long it takes, milliseconds above 0. */
  readonly windowMs: number;
  /** 1 is linear; above it the share rises faster at first. Above 0. @default 1 */
  readonly aggression?: number;
  /** The share to begin with, 0 to 100. @default 10 */
  readonly minWeightPercent?: number;
}

/**
 * The factor on the weight after `elapsedMs`: max(minimum, (max(t, 1) / window)^(1/aggression)), in
 * seconds as Envoy has it, so that the first second counts as one.
 */
export function slowStartFactor(options: SlowStartOptions, elapsedMs: number): number {
  const { windowMs, aggression = 1, minWeightPercent = 10 } = options;
  if (elapsedMs >= windowMs) return 1;
  const share = Math.max(elapsedMs, 1_000) / windowMs;
  return Math.min(1, Math.max(minWeightPercent / 100, share ** (1 / aggression)));
}
