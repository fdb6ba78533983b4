import type { Call } from "../load/http-caller.ts";

/**
 * How long the callers had no leader: from each kill to the first acknowledgement of an order that
 * was sent after it.
 */
export class Failovers {
  readonly #kills: { readonly atMs: number; tookMs: number | undefined }[] = [];

  killed(atMs: number): void {
    this.#kills.push({ atMs, tookMs: undefined });
  }

  called({ outcome, sentAtMs, endedAtMs }: Call): void {
    const kill = this.#kills.at(-1);
    if (!kill || outcome.kind !== "acknowledged" || sentAtMs < kill.atMs) return;
    kill.tookMs ??= endedAtMs - kill.atMs;
  }

  /** One for each kill; null when no order was acknowledged after it. */
  get tookMs(): (number | null)[] {
    return this.#kills.map(({ tookMs }) => tookMs ?? null);
  }
}
