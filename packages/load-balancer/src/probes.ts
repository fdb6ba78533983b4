import { type Clock, inTime } from "@quorate/runtime";
import type { BalancerCore } from "./core/balancer-core.ts";
import type { Endpoint } from "./endpoint.ts";

/** What a server says of itself. */
export interface ProbeAnswer {
  /** Requests in flight there, from all clients. */
  readonly inFlight: number;
  /** The median latency of late at about so many in flight, milliseconds. */
  readonly latencyMs: number;
}

/** Asks a server; rejects when it fails. The signal aborts after a second, and the answer is late then. */
export type Probe = (endpoint: Endpoint, signal: AbortSignal) => Promise<ProbeAnswer>;

/** One more is not sent: the policy goes by the answers that it has. */
const MAX_CONCURRENT = 64;
const TIMEOUT_MS = 1_000;

/** Sends the probes that a policy wants, in the background. */
export class Probes {
  readonly #core: BalancerCore;
  readonly #probe: Probe;
  readonly #clock: Clock;
  readonly #running = new Set<AbortController>();

  constructor(core: BalancerCore, probe: Probe, clock: Clock) {
    this.#core = core;
    this.#probe = probe;
    this.#clock = clock;
  }

  send(nowMs: number): void {
    const { policy } = this.#core;
    if (policy.nextProbe === undefined) return;
    for (let slot = policy.nextProbe(nowMs); slot >= 0; slot = policy.nextProbe(nowMs)) {
      if (this.#running.size < MAX_CONCURRENT) void this.#ask(slot);
    }
  }

  stop(): void {
    for (const running of this.#running) running.abort();
  }

  async #ask(slot: number): Promise<void> {
    const { fleet, policy } = this.#core;
    const endpoint = fleet.endpoints[slot] as Endpoint;
    const running = new AbortController();
    this.#running.add(running);
    try {
      const { inFlight, latencyMs } = await inTime(this.#clock, TIMEOUT_MS, running, (signal) =>
        this.#probe(endpoint, signal),
      );
      // The slot may be another endpoint's by now.
      if (fleet.endpoints[slot]?.id !== endpoint.id) return;
      policy.probed?.(slot, this.#clock.now(), inFlight, latencyMs);
    } catch {
      // An endpoint that does not answer is not in the pool: that is what Prequal makes of it.
    } finally {
      this.#running.delete(running);
    }
  }
}
