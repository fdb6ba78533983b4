import type { Random } from "@quorate/runtime";
import type { Endpoint } from "../endpoint.ts";
import { Fleet } from "../core/fleet.ts";
import type { Chooser, Policy } from "../core/policy.ts";
import type { MakePolicy } from "./simulate.ts";

const REDRAWS = 4;

/** A policy with what one client knows: its own requests. */
export class SimulatedClient {
  readonly #fleet = new Fleet();
  readonly #policy: Policy;
  readonly #chooser: Chooser;
  readonly #random: Random;

  constructor(servers: number, make: MakePolicy, random: Random) {
    this.#random = random.fork("retries");
    this.#policy = make(this.#fleet, random.fork("policy"));
    this.#chooser = this.#policy.chooser();
    const slots = Int32Array.from({ length: servers }, (_, at) => this.#fleet.add(endpoint(at)));
    for (const slot of slots) this.#policy.joined?.(slot, 0);
    this.#chooser.update({ slots, count: servers });
  }

  /** Not one of those tried, as far as there are others. */
  pick(nowMs: number, tried: ReadonlySet<number>): number {
    let slot = this.#chooser.pick(nowMs, undefined);
    for (let redraw = 0; redraw < REDRAWS && tried.has(slot); redraw++) {
      slot = this.#chooser.pick(nowMs, undefined);
    }
    while (tried.has(slot) && tried.size < this.#fleet.slotLimit) {
      slot = Math.floor(this.#random.next() * this.#fleet.slotLimit);
    }
    this.#fleet.begin(slot);
    this.#policy.started?.(slot, nowMs);
    return slot;
  }

  finished(slot: number, nowMs: number, latencyMs: number, failed: boolean): void {
    this.#fleet.end(slot);
    this.#policy.finished?.(slot, nowMs, latencyMs, failed);
  }

  /** The slot that the policy wants to probe; -1 for none, or no more. */
  nextProbe(nowMs: number): number {
    return this.#policy.nextProbe?.(nowMs) ?? -1;
  }

  probed(slot: number, nowMs: number, inFlight: number, latencyMs: number): void {
    this.#policy.probed?.(slot, nowMs, inFlight, latencyMs);
  }
}

function endpoint(at: number): Endpoint {
  return { id: String(at), host: "simulated", port: at };
}
