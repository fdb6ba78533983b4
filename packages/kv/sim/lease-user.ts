import { type Clock, integerBetween, type Random } from "@quorate/runtime";
import { type KvClient, KvError, type KvLease, put } from "../src/index.ts";
import type { LeaseOracle } from "./lease-oracle.ts";

interface LeaseUserWorld {
  readonly oracle: LeaseOracle;
  readonly cover: (name: "leases granted" | "leases lost" | "leases kept") => void;
}

/** Holds leases with a key each: some are renewed until they are revoked, others left to run out. */
export class LeaseUser {
  readonly #kv: KvClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #world: LeaseUserWorld;
  #isStopped = false;

  constructor(
    kv: KvClient,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
    world: LeaseUserWorld,
  ) {
    this.#kv = kv;
    this.#clock = clock;
    this.#random = random;
    this.#world = world;
  }

  async run(): Promise<void> {
    const holders = Array.from({ length: 3 }, () => this.#holdOnes());
    await Promise.all(holders);
    await this.#kv.stop();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #holdOnes(): Promise<void> {
    while (!this.#isStopped) {
      const keepAlive = this.#random.next() < 0.5;
      const lease = await this.#granted(keepAlive);
      if (!lease) continue;
      this.#world.oracle.holds(lease, this.#clock);
      this.#world.cover("leases granted");
      const leased = put(`leased/${lease.id}`, "held", { lease: lease.id });
      await this.#kv.transaction({ compares: [], success: [leased], failure: [] });
      await this.#sleep(integerBetween(this.#random, 100, 8_000));
      if (lease.lost.aborted) this.#world.cover("leases lost");
      else if (keepAlive) {
        this.#world.cover("leases kept");
        await lease.revoke();
      } else await this.#once(lease);
    }
  }

  async #granted(keepAlive: boolean): Promise<KvLease | undefined> {
    try {
      return await this.#kv.grantLease({
        ttlSeconds: integerBetween(this.#random, 2, 6),
        keepAlive,
      });
    } catch (error) {
      return expected(error, ["unavailable", "unknown", "overloaded"]);
    }
  }

  async #once(lease: KvLease): Promise<void> {
    try {
      await lease.keepAliveOnce();
    } catch (error) {
      expected(error, ["unavailable", "lease-not-found", "lease-expired"]);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(ms, resolve));
  }
}

/** @throws what no fault explains. */
function expected(error: unknown, codes: readonly string[]): undefined {
  if (error instanceof KvError && codes.includes(error.code)) return undefined;
  throw error;
}
