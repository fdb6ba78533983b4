import type { SessionLimits } from "../session/session-context.ts";
import { TransportError } from "../transport-error.ts";
import { checkedLimits, type LimitOptions } from "../session/limit-options.ts";

/** How a network in memory behaves. The limits are those of each of its transports. */
export interface MemoryNetworkOptions extends LimitOptions {
  /**
   * Milliseconds that a frame is under way, from 0: evenly drawn, order kept.
   *
   * @default { min: 0, max: 0 }
   */
  readonly latencyMs?: { readonly min: number; readonly max: number };
}

export interface CheckedMemoryOptions {
  readonly limits: SessionLimits;
  readonly latencyMs: { readonly min: number; readonly max: number };
}

export function validated(options: MemoryNetworkOptions): CheckedMemoryOptions {
  const { latencyMs = { min: 0, max: 0 } } = options;
  const { min, max } = latencyMs;
  if (!(min >= 0 && max >= min && Number.isFinite(max))) {
    throw new TransportError(
      "invalid-option",
      `latencyMs must be 0 ≤ min ≤ max, not ${min}, ${max}`,
    );
  }
  return { limits: checkedLimits(options), latencyMs };
}
