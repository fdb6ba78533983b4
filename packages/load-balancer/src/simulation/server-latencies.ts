const KEPT = 32;
const MOST = 64;

/**
 * What a server answers probes with: the median of the latest latencies of requests that found about
 * as many others there. (Prequal, section 4.)
 */
export class ServerLatencies {
  readonly #byInFlight: number[][] = [];
  readonly #nextAt: number[] = [];

  add(inFlight: number, latencyMs: number): void {
    const at = Math.min(inFlight, MOST);
    const kept = (this.#byInFlight[at] ??= []);
    const next = this.#nextAt[at] ?? 0;
    kept[next] = latencyMs;
    this.#nextAt[at] = (next + 1) % KEPT;
  }

  /** 0 when there was no request yet. */
  medianNear(inFlight: number): number {
    const at = Math.min(inFlight, MOST);
    for (let distance = 0; distance <= MOST; distance++) {
      const kept = this.#byInFlight[at - distance] ?? this.#byInFlight[at + distance];
      if (kept !== undefined) return median(kept);
    }
    return 0;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
