import type { Random } from "@quorate/runtime";
import type { Endpoint, EndpointState } from "../endpoint.ts";
import type { HealthEventType } from "../health-event.ts";
import { LoadBalancerError } from "../load-balancer-error.ts";
import type { PickContext } from "../pick.ts";
import { avoiding } from "./avoidance.ts";
import { BufferedRandom } from "./buffered-random.ts";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitState,
} from "./circuit-breaker.ts";
import { Fleet } from "./fleet.ts";
import { type LaneOptions, Lanes } from "./lanes.ts";
import { isUsable, type Member, weightInForce } from "./member.ts";
import { OutlierDetector, type OutlierOptions } from "./outlier-detector.ts";
import type { MakePolicy, Policy } from "./policy.ts";
import { createPolicy, type PolicyOptions } from "./policy-options.ts";
import type { SlowStartOptions } from "./slow-start.ts";

/** What picks go by. */
export interface CoreOptions extends LaneOptions {
  readonly policy: PolicyOptions | MakePolicy;
  readonly outlierDetection?: OutlierOptions | false;
  readonly circuitBreaker?: CircuitBreakerOptions;
  readonly slowStart?: SlowStartOptions;
}

/** How a request ended, for the core: `cancelled` teaches nothing. */
export type Result = "success" | "failure" | "cancelled";

type Emit = (type: HealthEventType, endpoint: Endpoint, nowMs: number, reason: string) => void;

const SLOW_START_STEPS = 50;

/**
 * All that a balancer knows, without clock, timer or promise. Time comes in as an argument, in
 * milliseconds of a monotonic clock, and must not go back. A pick makes no object; a change of
 * health costs O(n) at the next pick.
 */
export class BalancerCore {
  readonly fleet: Fleet = new Fleet();
  readonly policy: Policy;
  readonly #options: CoreOptions;
  readonly #emit: Emit;
  readonly #lanes: Lanes;
  readonly #members: (Member | undefined)[] = [];
  readonly #outliers: OutlierDetector | undefined;
  #dirty = false;
  #wakeAtMs = Infinity;
  /** Whether the last pick is the one that tries a half-open circuit; `finish` must be told. */
  lastWasTrial = false;

  constructor(options: CoreOptions, random: Random, emit: Emit, nowMs: number) {
    this.#options = options;
    this.#emit = emit;
    const { policy } = options;
    const ofPolicy = random.fork("policy");
    this.policy =
      typeof policy === "function"
        ? policy(this.fleet, ofPolicy)
        : createPolicy(policy, this.fleet, ofPolicy);
    this.#lanes = new Lanes(this.policy, new BufferedRandom(random.fork("lanes")), options);
    if (options.outlierDetection !== false) {
      this.#outliers = new OutlierDetector(
        options.outlierDetection ?? {},
        {
          ejected: (slot, _until, reason) => this.#changed(slot, "ejected", this.#nowMs, reason),
          readmitted: (slot) => this.#returned(slot, "readmitted", "its time is over"),
        },
        nowMs,
      );
    }
    this.#nowMs = nowMs;
  }

  /** Of the call in progress: for events. */
  #nowMs: number;

  get panic(): boolean {
    return this.#lanes.panic;
  }

  /** When `wake` has something to do: readmissions, trials, slow start. */
  get wakeAtMs(): number {
    return this.#wakeAtMs;
  }

  /** A new snapshot. The endpoints must be valid, their ids unique. */
  update(endpoints: readonly Endpoint[], nowMs: number): void {
    this.#nowMs = nowMs;
    const ids = new Set(endpoints.map(({ id }) => id));
    for (const [slot, member] of this.#members.entries()) {
      if (member && !member.draining && !ids.has(member.endpoint.id)) this.#drain(slot, member);
    }
    const first = this.#members.every((member) => member === undefined);
    for (const endpoint of endpoints) {
      const slot = this.fleet.slotOf(endpoint.id);
      if (slot < 0) this.#join(endpoint, first);
      else this.#change(slot, endpoint);
    }
    this.#dirty = true;
    this.wake(nowMs);
  }

  /**
   * A slot, counted as in flight until `finish`.
   *
   * @throws {LoadBalancerError} `no-endpoints`, `circuit-open`
   */
  pick(nowMs: number, context: PickContext | undefined): number {
    this.#nowMs = nowMs;
    if (nowMs >= this.#wakeAtMs) this.wake(nowMs);
    if (this.#dirty) this.#rebuild();
    if (this.#lanes.isEmpty) throw this.#nothing();
    let slot = this.#sticky(context);
    if (slot < 0) slot = this.#lanes.choose().pick(nowMs, context);
    if (context?.exclude !== undefined && context.exclude.size > 0) {
      slot = avoiding(context.exclude, slot, this.#lanes, this.fleet, nowMs, context);
    }
    this.#begin(slot, nowMs);
    return slot;
  }

  finish(slot: number, nowMs: number, latencyMs: number, result: Result, trial: boolean): void {
    this.#nowMs = nowMs;
    this.fleet.end(slot);
    const member = this.#members[slot] as Member;
    const failed = result === "failure";
    this.policy.finished?.(slot, nowMs, result === "cancelled" ? -1 : latencyMs, failed);
    if (member.draining) {
      this.#freeIfIdle(slot, member);
      return;
    }
    if (member.breaker !== undefined) {
      member.breaker.finished(nowMs, result, trial);
      this.#followCircuit(slot, member, nowMs);
      if (trial) this.#dirty = true;
    }
    if (result !== "cancelled") this.#outliers?.finished(slot, nowMs, failed);
  }

  /** What an active check found, after its thresholds; or a success before the threshold. */
  checked(slot: number, healthy: boolean, nowMs: number, reason: string): void {
    this.#nowMs = nowMs;
    const member = this.#members[slot];
    if (member === undefined || member.draining) return;
    if (healthy) this.#outliers?.checkedHealthy(slot);
    if (member.checkedHealthy === healthy) return;
    member.checkedHealthy = healthy;
    if (healthy) this.#returned(slot, "healthy", reason);
    else this.#changed(slot, "unhealthy", nowMs, reason);
  }

  /** Does what has fallen due. Picks do it themselves; a timer makes events timely. */
  wake(nowMs: number): void {
    this.#nowMs = nowMs;
    let next = Infinity;
    if (this.#outliers !== undefined) {
      if (nowMs >= this.#outliers.nextTickMs) this.#outliers.tick(nowMs);
      next = this.#outliers.nextTickMs;
    }
    for (const [slot, member] of this.#members.entries()) {
      if (member === undefined || member.draining) continue;
      if (member.breaker !== undefined) {
        this.#followCircuit(slot, member, nowMs);
        if (member.circuit === "open") next = Math.min(next, member.breaker.opensTrialAtMs);
      }
      next = Math.min(next, this.#weigh(slot, member, nowMs));
    }
    this.#wakeAtMs = next;
  }

  stateOf(slot: number): EndpointState {
    const member = this.#members[slot] as Member;
    if (member.draining) return "draining";
    if (!member.checkedHealthy) return "unhealthy";
    return this.ejectedUntilMs(slot) >= 0 ? "ejected" : "healthy";
  }

  /** -1 when it is not. */
  ejectedUntilMs(slot: number): number {
    return this.#outliers?.ejectedUntilMs(slot) ?? -1;
  }

  /** Undefined without circuit breakers. */
  circuitOf(slot: number): CircuitState | undefined {
    const member = this.#members[slot];
    return member?.breaker === undefined ? undefined : member.circuit;
  }

  #begin(slot: number, nowMs: number): void {
    this.fleet.begin(slot);
    this.policy.started?.(slot, nowMs);
    const member = this.#members[slot] as Member;
    this.lastWasTrial = member.circuit === "half-open";
    if (!this.lastWasTrial) return;
    member.breaker?.started(nowMs);
    this.#dirty = true;
  }

  #sticky(context: PickContext | undefined): number {
    if (context?.affinity === undefined) return -1;
    const slot = this.fleet.slotOf(context.affinity);
    return slot >= 0 && this.#isHealthy(slot, this.#members[slot] as Member) ? slot : -1;
  }

  #join(endpoint: Endpoint, first: boolean): void {
    const slot = this.fleet.add(endpoint);
    const { circuitBreaker, slowStart } = this.#options;
    this.#members[slot] = {
      endpoint,
      draining: false,
      checkedHealthy: true,
      // The whole fleet cannot start slowly: there is nobody else to take the requests.
      servingSinceMs: first && slowStart ? -Infinity : this.#nowMs,
      breaker: circuitBreaker && new CircuitBreaker(circuitBreaker),
      circuit: "closed",
    };
    this.policy.joined?.(slot, this.#nowMs);
    this.#outliers?.joined(slot);
    this.#emit("added", endpoint, this.#nowMs, "it is in the snapshot");
  }

  #change(slot: number, endpoint: Endpoint): void {
    const member = this.#members[slot] as Member;
    member.endpoint = endpoint;
    this.fleet.endpoints[slot] = endpoint;
    this.fleet.weight[slot] = endpoint.weight ?? 1;
  }

  #drain(slot: number, member: Member): void {
    member.draining = true;
    this.fleet.forget(slot);
    this.#outliers?.left(slot);
    this.#emit("draining", member.endpoint, this.#nowMs, "it left the snapshot");
    this.#freeIfIdle(slot, member);
  }

  #freeIfIdle(slot: number, member: Member): void {
    if ((this.fleet.inFlight[slot] as number) > 0) return;
    this.#members[slot] = undefined;
    this.fleet.free(slot);
    this.#emit("removed", member.endpoint, this.#nowMs, "its last request is done");
  }

  /** Slow start: returns when the weight is to be looked at again. */
  #weigh(slot: number, member: Member, nowMs: number): number {
    const { slowStart } = this.#options;
    if (slowStart === undefined) return Infinity;
    const weight = weightInForce(member, slowStart, nowMs);
    if (weight !== this.fleet.weight[slot]) {
      this.fleet.weight[slot] = weight;
      this.#dirty = true;
    }
    return nowMs - member.servingSinceMs >= slowStart.windowMs
      ? Infinity
      : nowMs + slowStart.windowMs / SLOW_START_STEPS;
  }

  #followCircuit(slot: number, member: Member, nowMs: number): void {
    const state = (member.breaker as CircuitBreaker).state(nowMs);
    if (state === member.circuit) return;
    member.circuit = state;
    this.#changed(slot, `circuit-${state}`, nowMs, `its circuit is ${state}`);
    if (state === "open") {
      const trialAtMs = (member.breaker as CircuitBreaker).opensTrialAtMs;
      this.#wakeAtMs = Math.min(this.#wakeAtMs, trialAtMs);
    }
  }

  #returned(slot: number, type: HealthEventType, reason: string): void {
    const member = this.#members[slot] as Member;
    member.servingSinceMs = this.#nowMs;
    this.#changed(slot, type, this.#nowMs, reason);
    this.#wakeAtMs = Math.min(this.#wakeAtMs, this.#nowMs);
  }

  #changed(slot: number, type: HealthEventType, nowMs: number, reason: string): void {
    this.#dirty = true;
    if (type === "ejected") {
      this.#wakeAtMs = Math.min(this.#wakeAtMs, this.ejectedUntilMs(slot));
    }
    this.#emit(type, (this.#members[slot] as Member).endpoint, nowMs, reason);
  }

  #isHealthy(slot: number, member: Member): boolean {
    return (
      !member.draining &&
      member.checkedHealthy &&
      this.ejectedUntilMs(slot) < 0 &&
      isUsable(member, this.#nowMs)
    );
  }

  #rebuild(): void {
    this.#dirty = false;
    const members = this.#members.flatMap((member, slot) =>
      member === undefined || member.draining
        ? []
        : [
            {
              slot,
              priority: member.endpoint.priority ?? 0,
              zone: member.endpoint.zone,
              healthy: this.#isHealthy(slot, member),
              usable: isUsable(member, this.#nowMs),
            },
          ],
    );
    this.#lanes.rebuild(members);
  }

  #nothing(): LoadBalancerError {
    const serving = this.#members.filter((member) => member !== undefined && !member.draining);
    if (serving.length === 0) return new LoadBalancerError("no-endpoints", "there is no endpoint");
    if (serving.every((member) => !isUsable(member as Member, this.#nowMs))) {
      return new LoadBalancerError("circuit-open", "the circuits of all endpoints are open");
    }
    return new LoadBalancerError("no-endpoints", "no endpoint is healthy, and panic is off");
  }
}
