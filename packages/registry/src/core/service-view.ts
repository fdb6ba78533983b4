import type { Instance } from "../instance.ts";

/** When to disbelieve that so many are gone. */
export interface ProtectionOptions {
  /**
   * Protection begins when more than this share of a service's instances has expired within
   * `windowMs`, and ends when no more than it is missing. From 0 to 1.
   *
   * @default 0.5
   */
  readonly share?: number;
  /** And at least so many. @default 2 */
  readonly minExpired?: number;
  /** Milliseconds. @default 30_000 */
  readonly windowMs?: number;
  /** Milliseconds after which those that did not come back are given up all the same. @default 600_000 */
  readonly maxMs?: number;
}

/** An instance as a watch tells it. */
export interface DiscoveredInstance extends Instance {
  /** Its lease has run out: it stays for a moment, or because protection keeps it. */
  readonly isExpired: boolean;
}

interface Expired {
  readonly instance: Instance;
  readonly atMs: number;
}

/**
 * Who is there, as far as one who watches can tell. A pure core: it is told what the store tells, and the
 * time.
 *
 * An instance that takes its leave goes at once. One whose lease runs out stays for `holdMs`: where many
 * expire at once it is more likely that they, all together, cannot reach the store, than that all have
 * died. Then the last known set is kept, and marked.
 *
 * Source: Netflix Eureka, self-preservation.
 */
export class ServiceView {
  readonly #protection: Required<ProtectionOptions> | undefined;
  readonly #holdMs: number;
  readonly #live = new Map<string, Instance>();
  readonly #expired = new Map<string, Expired>();
  #protectedSinceMs: number | undefined;

  /** Without `protection`, whatever expires goes. */
  constructor(protection: Required<ProtectionOptions> | undefined, holdMs: number) {
    this.#protection = protection;
    this.#holdMs = protection ? holdMs : 0;
  }

  get isProtected(): boolean {
    return this.#protectedSinceMs !== undefined;
  }

  /** All that are there now: who is missing has expired, for all that is known. */
  reset(instances: readonly Instance[], nowMs: number): void {
    const ids = new Set(instances.map(({ id }) => id));
    for (const id of [...this.#live.keys()]) if (!ids.has(id)) this.expire(id, nowMs);
    for (const instance of instances) this.put(instance);
  }

  /** It is there, or has changed. */
  put(instance: Instance): void {
    this.#live.set(instance.id, instance);
    this.#expired.delete(instance.id);
  }

  /** It took its leave. */
  leave(id: string): void {
    this.#live.delete(id);
    this.#expired.delete(id);
  }

  /** Its lease has run out. Of one that is not there nothing happens. */
  expire(id: string, nowMs: number): void {
    const instance = this.#live.get(id);
    if (!instance) return;
    this.#live.delete(id);
    this.#expired.set(id, { instance, atMs: nowMs });
  }

  /** Those to be told at this time, in the order of their ids. */
  instances(nowMs: number): readonly DiscoveredInstance[] {
    this.#protect(nowMs);
    const told: DiscoveredInstance[] = [];
    for (const instance of this.#live.values()) told.push({ ...instance, isExpired: false });
    for (const { instance, atMs } of this.#expired.values()) {
      if (this.isProtected || atMs + this.#holdMs > nowMs) {
        told.push({ ...instance, isExpired: true });
      }
    }
    return told.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** When `instances` may be others without anything being told; undefined: never. */
  nextChangeMs(nowMs: number): number | undefined {
    if (this.#protection && this.#protectedSinceMs !== undefined) {
      return this.#protectedSinceMs + this.#protection.maxMs;
    }
    let next: number | undefined;
    for (const { atMs } of this.#expired.values()) {
      const goesAtMs = atMs + this.#holdMs;
      if (goesAtMs > nowMs && goesAtMs < (next ?? Infinity)) next = goesAtMs;
    }
    return next;
  }

  #protect(nowMs: number): void {
    if (!this.#protection) return this.#expired.clear();
    const { share, minExpired, windowMs, maxMs } = this.#protection;
    if (!this.isProtected) {
      for (const [id, { atMs }] of this.#expired) {
        if (atMs + Math.max(windowMs, this.#holdMs) <= nowMs) this.#expired.delete(id);
      }
    }
    const missing = this.#expired.size;
    const isMuch = missing > share * (missing + this.#live.size);
    if (this.#protectedSinceMs === undefined) {
      if (isMuch && missing >= minExpired) this.#protectedSinceMs = nowMs;
    } else if (!isMuch || nowMs >= this.#protectedSinceMs + maxMs) {
      this.#protectedSinceMs = undefined;
      this.#expired.clear();
    }
  }
}
