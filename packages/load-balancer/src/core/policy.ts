import type { Random } from "@quorate/runtime";
import type { PickContext } from "../pick.ts";
import type { Fleet } from "./fleet.ts";

/** Slots that a chooser chooses among: the first `count` of `slots`. */
export interface Candidates {
  readonly slots: Int32Array;
  readonly count: number;
}

/**
 * Picks among one set of candidates. A fleet with several priorities or zones has several choosers of
 * one policy.
 */
export interface Chooser {
  /**
   * The candidates have changed, or a weight has. The array stays as it is until the next call.
   * Never empty.
   */
  update(candidates: Candidates): void;
  /** One of the candidates' slots. Allocates nothing. */
  pick(nowMs: number, context: PickContext | undefined): number;
}

/** Makes a policy for one client's fleet; `random` is that client's own. */
export type MakePolicy = (fleet: Fleet, random: Random) => Policy;

/**
 * What a policy learns from requests, for the whole fleet, and choosers that use it. Calls come in
 * the order of their time; `fleet.inFlight` is up to date in each.
 */
export interface Policy {
  chooser(): Chooser;
  /** The slot belongs to a new endpoint: forget what was known. */
  joined?(slot: number, nowMs: number): void;
  started?(slot: number, nowMs: number): void;
  /** `failed`: the endpoint's fault. Cancelled requests have a `latencyMs` of -1: nothing learnt. */
  finished?(slot: number, nowMs: number, latencyMs: number, failed: boolean): void;
  /**
   * Asked after each pick until it says -1: a slot to be probed, asynchronously. Only of policies
   * that use probes.
   */
  nextProbe?(nowMs: number): number;
  /** A probe's answer: requests in flight there, from all clients, and the latency at such a load. */
  probed?(slot: number, nowMs: number, inFlight: number, latencyMs: number): void;
  /** For `EndpointStatus`: undefined when unknown. */
  expectedMs?(slot: number, nowMs: number): number | undefined;
}
