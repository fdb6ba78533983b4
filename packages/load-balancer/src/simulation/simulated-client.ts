import type { Random } from "@quorate/runtime";
import { BalancerCore, type CoreOptions } from "../core/balancer-core.ts";

/** A balancer's core with what one client knows: its own requests. Slot and server are one number. */
export class SimulatedClient {
  readonly #core: BalancerCore;

  constructor(servers: number, options: CoreOptions, random: Random) {
    this.#core = new BalancerCore(options, random, () => undefined, 0);
    const endpoints = Array.from({ length: servers }, (_, at) => ({
      id: String(at),
      host: "simulated",
      port: at,
    }));
    this.#core.update(endpoints, 0);
  }

  /** Not one of those tried (by id), as far as there are others. */
  pick(nowMs: number, tried: ReadonlySet<string>): number {
    return this.#core.pick(nowMs, tried.size === 0 ? undefined : { exclude: tried });
  }

  finished(slot: number, nowMs: number, latencyMs: number, failed: boolean): void {
    this.#core.finish(slot, nowMs, latencyMs, failed ? "failure" : "success", false);
  }

  /** The slot that the policy wants to probe; -1 for none, or no more. */
  nextProbe(nowMs: number): number {
    return this.#core.policy.nextProbe?.(nowMs) ?? -1;
  }

  probed(slot: number, nowMs: number, inFlight: number, latencyMs: number): void {
    this.#core.policy.probed?.(slot, nowMs, inFlight, latencyMs);
  }
}
