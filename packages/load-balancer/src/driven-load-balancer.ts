import type { Clock, Random, Timer } from "@quorate/runtime";
import type { AttemptControl } from "./attempt-control.ts";
import { BudgetedAttempts } from "./budgeted-attempts.ts";
import type { BalancerMetrics } from "./balancer-metrics.ts";
import { ConcurrencyGate } from "./concurrency-gate.ts";
import { BalancerCore } from "./core/balancer-core.ts";
import { RetryBudget } from "./core/retry-budget.ts";
import { Durations } from "./durations.ts";
import type { Endpoint, EndpointStatus } from "./endpoint.ts";
import { EndpointMeter } from "./endpoint-meter.ts";
import { Execution } from "./execution.ts";
import type { HealthEvent, HealthEventType } from "./health-event.ts";
import { ActiveChecks } from "./health/active-checks.ts";
import type { AcquireOptions, Attempt, ExecuteOptions, LoadBalancer } from "./load-balancer.ts";
import { LoadBalancerError } from "./load-balancer-error.ts";
import { type CheckedOptions, validatedEndpoints } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { OpenPick } from "./open-pick.ts";
import type { Pick, PickContext } from "./pick.ts";
import { type Probe, Probes } from "./probes.ts";

/** What the driver is given. */
export interface Dependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly probe: Probe | undefined;
}

/** Hedging needs so many latencies to go by, and forgets them after so many. */
const HEDGE_SAMPLES = 20;
const HEDGE_WINDOW = 10_000;
const LONGEST_SLEEP_MS = 60_000;

/** A core with a clock, listeners and a life. */
export class DrivenLoadBalancer implements LoadBalancer {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  readonly retry: NonNullable<CheckedOptions["retry"]>;
  readonly attempts: AttemptControl = new BudgetedAttempts(this);
  readonly #options: CheckedOptions;
  readonly #core: BalancerCore;
  readonly #gate: ConcurrencyGate;
  readonly #checks: ActiveChecks | undefined;
  readonly #probes: Probes | undefined;
  readonly #meters: (EndpointMeter | undefined)[] = [];
  readonly #latencies = new Durations();
  readonly #listeners = new Set<(event: HealthEvent) => void>();
  readonly #counts = { picks: 0, retries: 0, hedges: 0, hedgeWins: 0, budgetExhausted: 0 };
  readonly #source: AsyncIterator<readonly Endpoint[]> | undefined;
  #badSnapshots: string | undefined;
  #timer: Timer | undefined;
  #started = false;
  #stopped = false;

  constructor(options: CheckedOptions, { clock, random, probe }: Dependencies) {
    this.#options = options;
    this.clock = clock;
    this.random = random.fork("retries");
    this.retry = options.retry ?? {};
    this.budget = new RetryBudget(this.retry.budget);
    this.#gate = new ConcurrencyGate(options, clock);
    this.#core = new BalancerCore(options, random.fork("core"), this.#emit, clock.now());
    if (options.healthCheck) {
      this.#checks = new ActiveChecks(
        options.healthCheck,
        clock,
        random.fork("checks"),
        ({ id }, healthy, reason) => {
          const slot = this.#core.fleet.slotOf(id);
          if (slot >= 0) this.#core.checked(slot, healthy, this.clock.now(), reason);
        },
      );
    }
    if (probe) this.#probes = new Probes(this.#core, probe, clock);
    const { endpoints } = options;
    if (Symbol.asyncIterator in endpoints) this.#source = endpoints[Symbol.asyncIterator]();
    else this.update(endpoints);
  }

  pick(context?: PickContext): OpenPick {
    this.#checkRunning();
    this.#gate.enter(context?.priority);
    return this.#open(context, 0);
  }

  async acquire(context?: PickContext, options: AcquireOptions = {}): Promise<OpenPick> {
    const { signal, timeoutMs } = options;
    signal?.throwIfAborted();
    this.#checkRunning();
    const waiting = this.#gate.wait(context?.priority, signal, timeoutMs);
    if (waiting === undefined) return this.#open(context, 0);
    const since = this.clock.now();
    await waiting;
    return this.#open(context, this.clock.now() - since);
  }

  execute<T>(
    call: (pick: Pick, attempt: Attempt) => Promise<T>,
    options: ExecuteOptions<T> = {},
  ): Promise<T> {
    return new Execution(this, call, options).run();
  }

  update(endpoints: readonly Endpoint[]): void {
    this.#core.update(validatedEndpoints(endpoints), this.clock.now());
    if (this.#started) this.#checks?.watch(endpoints);
  }

  get endpoints(): readonly EndpointStatus[] {
    const { fleet, policy } = this.#core;
    const nowMs = this.clock.now();
    return this.#slots().map((slot): EndpointStatus => {
      const ejectedUntilMs = this.#core.ejectedUntilMs(slot);
      const circuit = this.#core.circuitOf(slot);
      return {
        endpoint: fleet.endpoints[slot] as Endpoint,
        state: this.#core.stateOf(slot),
        inFlight: fleet.inFlight[slot] as number,
        weight: fleet.weight[slot] as number,
        latencyMs: policy.expectedMs?.(slot, nowMs),
        ...(ejectedUntilMs >= 0 && { ejectedUntilMs }),
        ...(circuit && { circuit }),
      };
    });
  }

  onChange(listener: (event: HealthEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  metrics(): BalancerMetrics {
    const { fleet } = this.#core;
    const nowMs = this.clock.now();
    return {
      ...this.#counts,
      shed: this.#gate.shed,
      overloaded: this.#gate.overloaded,
      deadlines: this.#gate.deadlines,
      pending: this.#gate.pending,
      inFlight: this.#gate.inFlight,
      concurrencyLimit: this.#gate.limit,
      panic: this.#core.panic,
      endpoints: this.#slots().map((slot) =>
        (this.#meters[slot] as EndpointMeter).metrics(
          (fleet.endpoints[slot] as Endpoint).id,
          fleet.inFlight[slot] as number,
          nowMs,
        ),
      ),
    };
  }

  explain(): readonly string[] {
    const nowMs = this.clock.now();
    const lines: string[] = this.endpoints.flatMap(
      ({ endpoint, state, inFlight, circuit, ...status }) => {
        const { ejectedUntilMs = nowMs } = status;
        if (state === "ejected") {
          return [`${endpoint.id} is ejected for ${Math.ceil(ejectedUntilMs - nowMs)} ms more`];
        }
        if (state === "draining") return [`${endpoint.id} drains: ${inFlight} requests are left`];
        if (state === "unhealthy") return [`${endpoint.id} fails its health checks`];
        return circuit && circuit !== "closed" ? [`${endpoint.id}: its circuit is ${circuit}`] : [];
      },
    );
    if (this.#slots().length === 0) lines.push("there is no endpoint");
    if (this.#badSnapshots !== undefined) lines.push(this.#badSnapshots);
    if (this.#core.panic) lines.push("too few endpoints are healthy, so health is ignored");
    if (this.#gate.pending > 0) lines.push(`${this.#gate.pending} requests wait for a place`);
    return lines;
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    if (this.#source !== undefined) {
      const first = await this.#source.next();
      if (first.done !== true) {
        this.update(first.value);
        void this.#follow(this.#source);
      }
    } else {
      this.#checks?.watch(this.endpoints.map(({ endpoint }) => endpoint));
    }
    if (!this.#stopped) this.#sleep();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#checks?.stop();
    this.#probes?.stop();
    this.#gate.stop();
    // A generator that waits for its next snapshot ends only then: it is told, and not waited for.
    void this.#source?.return?.().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** For `BudgetedAttempts`. */
  count(what: "retries" | "hedges" | "hedgeWins" | "budgetExhausted"): void {
    this.#counts[what]++;
  }

  /** For `BudgetedAttempts`. */
  hedgeDelayMs(): number | undefined {
    const { hedge } = this.#options;
    if (hedge === undefined || this.#latencies.count < HEDGE_SAMPLES) return undefined;
    const { percentile = 95, minDelayMs = 1 } = hedge;
    return Math.max(minDelayMs, this.#latencies.percentileMs(percentile));
  }

  /** For picks: one is done. `sinceMs` is when it was made. */
  finished(pick: OpenPick, outcome: Outcome): void {
    const nowMs = this.clock.now();
    const { slot, sinceMs, queueMs, firstByteAtMs, serverQueueMs, trial } = pick;
    const latencyMs = nowMs - sinceMs;
    const meter = this.#meters[slot] as EndpointMeter;
    const firstByteMs = firstByteAtMs < 0 ? latencyMs : firstByteAtMs - sinceMs;
    const upgraded = outcome.kind === "success" && outcome.upgraded === true;
    if (outcome.kind === "cancelled") meter.cancelled++;
    else {
      if (outcome.kind === "failure") meter.failures++;
      else meter.successes++;
      const processingMs = Math.max(0, firstByteMs - serverQueueMs);
      const transmissionMs = upgraded ? 0 : latencyMs - firstByteMs;
      meter.record(queueMs + firstByteMs - processingMs, processingMs, transmissionMs);
    }
    // An upgrade's answer is too old by now to say how quick the endpoint is.
    const answeredMs = outcome.kind === "success" && !upgraded ? firstByteMs : -1;
    if (answeredMs >= 0 && this.#options.hedge) {
      if (this.#latencies.count >= HEDGE_WINDOW) this.#latencies.clear();
      this.#latencies.record(answeredMs);
    }
    const learntMs = outcome.kind === "failure" ? latencyMs : answeredMs;
    this.#core.finish(slot, nowMs, learntMs, outcome.kind, trial);
    this.#gate.leave(answeredMs);
  }

  #open(context: PickContext | undefined, queueMs: number): OpenPick {
    const nowMs = this.clock.now();
    let slot: number;
    try {
      slot = this.#core.pick(nowMs, context);
    } catch (error) {
      this.#gate.leave(-1);
      throw error;
    }
    this.#counts.picks++;
    (this.#meters[slot] as EndpointMeter).picks++;
    this.#probes?.send(nowMs);
    const endpoint = this.#core.fleet.endpoints[slot] as Endpoint;
    return new OpenPick(this, endpoint, slot, nowMs, queueMs, this.#core.lastWasTrial);
  }

  #checkRunning(): void {
    if (this.#stopped) throw new LoadBalancerError("stopped", "the balancer was stopped");
  }

  #slots(): readonly number[] {
    const { endpoints } = this.#core.fleet;
    return endpoints.flatMap((endpoint, slot) => (endpoint === undefined ? [] : [slot]));
  }

  readonly #emit = (
    type: HealthEventType,
    endpoint: Endpoint,
    atMs: number,
    reason: string,
  ): void => {
    const slot = this.#core?.fleet.slotOf(endpoint.id) ?? -1;
    if (type === "added") this.#meters[slot] = new EndpointMeter(atMs);
    if (type === "ejected") (this.#meters[slot] as EndpointMeter).ejections++;
    for (const listener of this.#listeners) listener({ type, endpoint, atMs, reason });
    if (this.#timer !== undefined) this.#sleep();
  };

  /** So that readmissions are told of in time, without a pick to notice them. */
  #sleep(): void {
    this.#timer?.cancel();
    const delayMs = Math.min(LONGEST_SLEEP_MS, this.#core.wakeAtMs - this.clock.now());
    this.#timer = this.clock.setTimer(Math.max(1, delayMs), () => {
      if (this.clock.now() >= this.#core.wakeAtMs) this.#core.wake(this.clock.now());
      if (!this.#stopped) this.#sleep();
    });
  }

  /** What goes wrong changes nothing: the endpoints stay as they were, and `explain` says why. */
  async #follow(source: AsyncIterator<readonly Endpoint[]>): Promise<void> {
    for (;;) {
      let next: IteratorResult<readonly Endpoint[]>;
      try {
        next = await source.next();
      } catch (error) {
        this.#badSnapshots = `no more snapshots come: ${String(error)}`;
        return;
      }
      if (next.done === true || this.#stopped) return;
      try {
        this.update(next.value);
        this.#badSnapshots = undefined;
      } catch (error) {
        this.#badSnapshots = `the latest snapshot is not used: ${String(error)}`;
      }
    }
  }
}
