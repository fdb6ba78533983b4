import { StoreError } from "./store-error.ts";

/** How long an external store waits for its server. */
export interface BackendOptions {
  /**
   * Milliseconds, above 0, that the server has for an answer; then the call rejects with
   * `unreachable`.
   *
   * @default 5_000
   */
  readonly requestTimeoutMs?: number;
  /**
   * Milliseconds, above 0, after which whoever waits looks again although nobody called: what a lost
   * notification costs at most.
   *
   * @default 5_000
   */
  readonly pollMs?: number;
}

const DEFAULT_BACKEND_OPTIONS: Required<BackendOptions> = {
  requestTimeoutMs: 5_000,
  pollMs: 5_000,
};

export function validatedBackend(options: BackendOptions): Required<BackendOptions> {
  const { requestTimeoutMs, pollMs } = { ...DEFAULT_BACKEND_OPTIONS, ...options };
  checkedMs("requestTimeoutMs", requestTimeoutMs);
  checkedMs("pollMs", pollMs);
  return { requestTimeoutMs, pollMs };
}

function checkedMs(name: string, ms: number): void {
  if (ms > 0 && Number.isFinite(ms)) return;
  throw new StoreError("invalid-option", `${name} must be above 0, not ${ms}`);
}
