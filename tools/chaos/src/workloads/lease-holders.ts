import { type KvClient, KvError, type KvLease } from "@quorate/kv";
import { integerBetween, type Random, systemClock } from "@quorate/runtime";
import { pause } from "../pause.ts";

const HOLDERS = 3;
const TTL_SECONDS = 3;
const HELD_MS = { min: 1_000, max: 15_000 };
const LOOK_EVERY_MS = 500;
const RETRY_MS = 200;

/** How leases fared. */
export interface LeasesResult {
  readonly granted: number;
  /** Those that their client could not renew in time: it knows that, and nobody broke a promise. */
  readonly unrenewed: number;
  /** Of the promise that a lease, and its keys, are there for as long as its client was told. */
  readonly violations: readonly string[];
}

/** Hold leases, with a key each, which their client renews by itself. */
export class LeaseHolders {
  readonly #random: Random;
  #granted = 0;
  #unrenewed = 0;
  readonly #violations: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get result(): LeasesResult {
    const violations = [...this.#violations];
    return { granted: this.#granted, unrenewed: this.#unrenewed, violations };
  }

  async run(kv: KvClient, signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: HOLDERS }, () => this.#holdOnes(kv, signal)));
  }

  async #holdOnes(kv: KvClient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const lease = await granted(kv, signal);
      if (lease) await this.#hold(kv, lease, signal);
      else await pause(RETRY_MS, signal);
    }
  }

  async #hold(kv: KvClient, lease: KvLease, signal: AbortSignal): Promise<void> {
    this.#granted++;
    lease.lost.addEventListener("abort", () => this.#lost(lease));
    const key = `leased/${lease.id}`;
    const outcome = await kv.put(key, "held", { lease: lease.id });
    if (outcome.kind === "rejected" && outcome.reason === "lease-not-found") {
      this.#missing(lease, "it");
    }
    const heldMs = integerBetween(this.#random, HELD_MS.min, HELD_MS.max);
    const untilMs = systemClock.now() + heldMs;
    while (!signal.aborted && !lease.lost.aborted && systemClock.now() < untilMs) {
      await pause(LOOK_EVERY_MS, signal);
      if (outcome.kind === "committed") await this.#look(kv, lease, key);
    }
    await lease.revoke();
  }

  async #look(kv: KvClient, lease: KvLease, key: string): Promise<void> {
    try {
      if (!(await kv.get(key))) this.#missing(lease, "its key");
    } catch (error) {
      expected(error);
    }
  }

  #lost(lease: KvLease): void {
    const { code } = lease.lost.reason as KvError;
    if (code === "lease-expired") this.#unrenewed++;
    if (code === "lease-not-found") this.#missing(lease, "it");
  }

  /** An answer says that it is gone. What the client was told before must still hold. */
  #missing({ id, validUntilMs }: KvLease, what: string): void {
    const leftMs = Math.round(validUntilMs - systemClock.now());
    if (leftMs > 0) this.#violations.push(`lease ${id}: ${what} is gone ${leftMs} ms too early`);
  }
}

async function granted(kv: KvClient, signal: AbortSignal): Promise<KvLease | undefined> {
  try {
    return await kv.grantLease({ ttlSeconds: TTL_SECONDS, signal });
  } catch (error) {
    return signal.aborted ? undefined : expected(error);
  }
}

/** @throws what no fault explains. */
function expected(error: unknown): undefined {
  const codes = ["unavailable", "unknown", "overloaded"];
  if (error instanceof KvError && codes.includes(error.code)) return undefined;
  throw error;
}
