import type { Clock, Random } from "@quorate/runtime";
import type { AttemptControl } from "./attempt-control.ts";
import type { BalancerMetrics } from "./balancer-metrics.ts";
import { Fleet } from "./core/fleet.ts";
import { RoundRobin } from "./core/policies/round-robin.ts";
import type { Endpoint, EndpointStatus } from "./endpoint.ts";
import type { HealthEvent } from "./health-event.ts";
import type { AcquireOptions, ExecuteOptions, Attempt, LoadBalancer } from "./load-balancer.ts";
import { LoadBalancerError } from "./load-balancer-error.ts";
import type { LoadBalancerOptions } from "./options.ts";
import { type Outcome, SUCCESS } from "./outcome.ts";
import type { Pick, PickContext } from "./pick.ts";

export interface Dependencies {
  readonly clock: Clock;
  readonly random: Random;
}

/** A core with a clock, listeners and a life. */
export class DrivenLoadBalancer implements LoadBalancer {
  readonly attempts: AttemptControl = {
    begin() {},
    retry: () => undefined,
    hedgeDelayMs: () => undefined,
    hedge: () => false,
    hedgeWon() {},
  };
  readonly #fleet = new Fleet();
  readonly #chooser = new RoundRobin().chooser();
  readonly #listeners = new Set<(event: HealthEvent) => void>();
  readonly #source: AsyncIterator<readonly Endpoint[]> | undefined;
  readonly #clock: Clock;
  #count = 0;
  #picks = 0;
  #stopped = false;

  constructor({ endpoints }: LoadBalancerOptions, { clock }: Dependencies) {
    this.#clock = clock;
    if (Symbol.asyncIterator in endpoints) this.#source = endpoints[Symbol.asyncIterator]();
    else this.update(endpoints);
  }

  pick(_context?: PickContext): Pick {
    if (this.#stopped) throw new LoadBalancerError("stopped", "the balancer was stopped");
    if (this.#count === 0) throw new LoadBalancerError("no-endpoints", "there is no endpoint");
    const slot = this.#chooser.pick(this.#clock.now(), undefined);
    const fleet = this.#fleet;
    fleet.inFlight[slot] = (fleet.inFlight[slot] as number) + 1;
    this.#picks++;
    let open = true;
    return {
      endpoint: fleet.endpoints[slot] as Endpoint,
      firstByte() {},
      done() {
        if (open) fleet.inFlight[slot] = (fleet.inFlight[slot] as number) - 1;
        open = false;
      },
    };
  }

  async acquire(context?: PickContext, { signal }: AcquireOptions = {}): Promise<Pick> {
    signal?.throwIfAborted();
    return this.pick(context);
  }

  async execute<T>(
    call: (pick: Pick, attempt: Attempt) => Promise<T>,
    { context, signal = new AbortController().signal, classify }: ExecuteOptions<T> = {},
  ): Promise<T> {
    const pick = await this.acquire(context, { signal });
    let outcome: Outcome = { kind: "failure", reason: "error" };
    try {
      const result = await call(pick, { number: 1, signal, isHedge: false });
      outcome = classify?.(result) ?? SUCCESS;
      return result;
    } finally {
      pick.done(outcome);
    }
  }

  update(endpoints: readonly Endpoint[]): void {
    const ids = new Set(endpoints.map(({ id }) => id));
    for (const endpoint of this.#fleet.endpoints) {
      if (endpoint && !ids.has(endpoint.id)) this.#fleet.forget(this.#fleet.slotOf(endpoint.id));
    }
    for (const endpoint of endpoints) {
      if (this.#fleet.slotOf(endpoint.id) < 0) this.#fleet.add(endpoint);
    }
    const slots = Int32Array.from(endpoints, ({ id }) => this.#fleet.slotOf(id));
    this.#count = slots.length;
    if (slots.length > 0) this.#chooser.update({ slots, count: slots.length });
  }

  get endpoints(): readonly EndpointStatus[] {
    return this.#fleet.endpoints.flatMap((endpoint, slot) =>
      endpoint === undefined
        ? []
        : [
            {
              endpoint,
              state: "healthy",
              inFlight: this.#fleet.inFlight[slot] as number,
              weight: this.#fleet.weight[slot] as number,
              latencyMs: undefined,
            } satisfies EndpointStatus,
          ],
    );
  }

  onChange(listener: (event: HealthEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  metrics(): BalancerMetrics {
    return {
      picks: this.#picks,
      retries: 0,
      budgetExhausted: 0,
      hedges: 0,
      hedgeWins: 0,
      shed: 0,
      overloaded: 0,
      deadlines: 0,
      pending: 0,
      inFlight: this.#fleet.inFlight.reduce((sum, count) => sum + count, 0),
      concurrencyLimit: undefined,
      panic: false,
      endpoints: [],
    };
  }

  explain(): readonly string[] {
    return this.#count === 0 ? ["there is no endpoint"] : [];
  }

  async start(): Promise<void> {
    const first = await this.#source?.next();
    if (first && first.done !== true) this.update(first.value);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#source?.return?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
