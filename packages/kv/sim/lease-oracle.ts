import type { Clock } from "@quorate/runtime";
import type { KvLease } from "../src/index.ts";

/**
 * The clock of a node may run 1.2 times as fast as the world's, and one of a client too slowly: of the time
 * that a lease was promised, so much must be given.
 */
const PROMISED_SHARE = 0.8;

/** Holds stores to what holders of leases were promised. */
export class LeaseOracle {
  readonly #held = new Map<number, { readonly lease: KvLease; readonly clock: Clock }>();
  readonly #revoked = new Set<number>();
  readonly #cover: (name: "leases gone") => void;

  constructor(cover: (name: "leases gone") => void) {
    this.#cover = cover;
  }

  holds(lease: KvLease, clock: Clock): void {
    this.#held.set(lease.id, { lease, clock });
  }

  /** Some replica has revoked a lease. @throws where its holder was promised more time. */
  revoked(id: number): void {
    if (this.#revoked.has(id)) return;
    this.#revoked.add(id);
    const { lease, clock } = this.#held.get(id) ?? {};
    if (!lease || !clock) return;
    const hasEnded = lease.lost.aborted;
    this.#cover("leases gone");
    const sentAtMs = lease.validUntilMs - lease.ttlSeconds * 1_000;
    const givenMs = clock.now() - sentAtMs;
    if (hasEnded || givenMs >= PROMISED_SHARE * lease.ttlSeconds * 1_000) return;
    throw new Error(`lease ${id} of ${lease.ttlSeconds} s is gone ${givenMs} ms after its renewal`);
  }
}
