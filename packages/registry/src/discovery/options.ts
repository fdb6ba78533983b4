import type { ProtectionOptions } from "../core/service-view.ts";
import type { Health } from "../instance.ts";
import { requireThat, requireTimes } from "../registry-error.ts";

export interface WatchServiceOptions {
  /** Ends it: whoever waits for the next snapshot then finds the end, not an error. */
  readonly signal?: AbortSignal;
  /** Keep the last known instances when many expire at once; `false`: never. @default on */
  readonly protection?: ProtectionOptions | false;
  /**
   * Milliseconds, from 0, that an instance stays in the snapshots, marked, after its lease has run out: so
   * that what expires at about the same time is seen together.
   *
   * @default 1_000
   */
  readonly holdMs?: number;
  /**
   * The store could not be reached, or holds something that no registry wrote; the watch goes on. What
   * this throws goes to the reader.
   */
  readonly onError?: (error: Error) => void;
}

export interface EndpointsOptions extends WatchServiceOptions {
  /**
   * The worst health that an endpoint may have.
   *
   * @default "warning"
   */
  readonly health?: Health;
}

export interface ValidatedWatchOptions {
  readonly signal: AbortSignal | undefined;
  readonly protection: Required<ProtectionOptions> | undefined;
  readonly holdMs: number;
  readonly onError: (error: Error) => void;
}

/** Every default filled in, every field checked. */
export function validated(options: WatchServiceOptions): ValidatedWatchOptions {
  const { signal, protection = {}, holdMs = 1_000, onError = () => {} } = options;
  requireThat(holdMs >= 0, `holdMs must be from 0, not ${holdMs}`);
  if (protection === false) return { signal, protection: undefined, holdMs, onError };
  const { share = 0.5, minExpired = 2, windowMs = 30_000, maxMs = 600_000 } = protection;
  requireThat(share >= 0 && share <= 1, `protection.share must be 0 to 1, not ${share}`);
  requireThat(
    Number.isInteger(minExpired) && minExpired >= 1,
    `protection.minExpired must be a whole number from 1, not ${minExpired}`,
  );
  requireTimes({ "protection.windowMs": windowMs, "protection.maxMs": maxMs });
  return { signal, protection: { share, minExpired, windowMs, maxMs }, holdMs, onError };
}
