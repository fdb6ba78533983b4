import type { DrivenLoadBalancer } from "./driven-load-balancer.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Outcome } from "./outcome.ts";
import type { Pick } from "./pick.ts";

/** Whom a pick reports to. */
type Owner = globalThis.Pick<DrivenLoadBalancer, "clock" | "finished">;

/** A request that is in flight: the only object that a pick costs. */
export class OpenPick implements Pick {
  readonly endpoint: Endpoint;
  readonly slot: number;
  readonly sinceMs: number;
  readonly queueMs: number;
  readonly trial: boolean;
  /** -1 before it has come. */
  firstByteAtMs = -1;
  serverQueueMs = 0;
  readonly #owner: Owner;
  #isDone = false;

  constructor(
    owner: Owner,
    endpoint: Endpoint,
    slot: number,
    sinceMs: number,
    queueMs: number,
    trial: boolean,
  ) {
    this.#owner = owner;
    this.endpoint = endpoint;
    this.slot = slot;
    this.sinceMs = sinceMs;
    this.queueMs = queueMs;
    this.trial = trial;
  }

  firstByte(queueMs = 0): void {
    if (this.firstByteAtMs >= 0 || this.#isDone) return;
    this.firstByteAtMs = this.#owner.clock.now();
    this.serverQueueMs = Math.max(0, queueMs);
  }

  done(outcome: Outcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#owner.finished(this, outcome);
  }
}
