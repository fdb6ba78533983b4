import type { Call } from "../load/http-caller.ts";

interface Kill {
  readonly atMs: number;
  /** The shards that were led by the killed node and have not been seen to serve since. */
  readonly waiting: Set<string>;
  tookMs: number;
}

/**
 * How long the callers had no leader: from each kill until every shard that the killed node led has
 * acknowledged an order that was sent after it.
 */
export class Failovers {
  readonly #kills: Kill[] = [];
  readonly #shardOf: (orderId: string) => string;

  constructor(shardOf: (orderId: string) => string) {
    this.#shardOf = shardOf;
  }

  killed(atMs: number, led: readonly string[]): void {
    this.#kills.push({ atMs, waiting: new Set(led), tookMs: 0 });
  }

  called({ outcome, sentAtMs, endedAtMs }: Call): void {
    if (outcome.kind !== "acknowledged" || this.waiting.length === 0) return;
    this.served(this.#shardOf(outcome.id), sentAtMs, endedAtMs);
  }

  /** The shard has done what it was asked at `sentAtMs`. */
  served(shard: string, sentAtMs: number, endedAtMs: number): void {
    for (const kill of this.#kills) {
      if (sentAtMs < kill.atMs || !kill.waiting.delete(shard)) continue;
      kill.tookMs = Math.max(kill.tookMs, endedAtMs - kill.atMs);
    }
  }

  /** The shards that have not been seen to serve since the kill of their leader. */
  get waiting(): string[] {
    return [...new Set(this.#kills.flatMap(({ waiting }) => [...waiting]))];
  }

  /** One for each kill; null when a shard was not seen to serve after it. */
  get tookMs(): (number | null)[] {
    return this.#kills.map(({ waiting, tookMs }) => (waiting.size === 0 ? tookMs : null));
  }
}
