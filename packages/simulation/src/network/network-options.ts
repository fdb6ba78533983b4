import type { LimitOptions } from "@quorate/transport";
import { SimulationError } from "../simulation-error.ts";

/** How a network behaves all the time; partitions, clogs and slow links come on top by method. */
export interface NetworkOptions extends LimitOptions {
  /**
   * Milliseconds that a frame is under way, from 0: at least `min`, on average `mean`, exponentially
   * distributed above `min`, and cut at `max`.
   *
   * @default { min: 0, mean: 1, max: 20 }
   */
  readonly latencyMs?: LatencyOptions;
  /**
   * Messages that are lost, 0 to 1. What belongs to a request or a stream is not lost but comes late
   * (by `retransmitMs`), as over TCP.
   *
   * @default 0
   */
  readonly lossProbability?: number;
  /**
   * Messages that arrive a second time, 0 to 1. **No `Transport` may do this**: leave it 0 for a
   * protocol that relies on "once or not at all". Raft and Paxos must stand it.
   *
   * @default 0
   */
  readonly duplicationProbability?: number;
  /**
   * Messages that are overtaken by later ones, 0 to 1. No `Transport` may do this either.
   *
   * @default 0
   */
  readonly reorderProbability?: number;
  /** A message that is overtaken or duplicated comes up to so many milliseconds late. @default 50 */
  readonly reorderWindowMs?: number;
  /** How late a part of a request or stream comes when it was lost at first. @default 200 */
  readonly retransmitMs?: number;
  /** Milliseconds that a connection takes to come about, or to come back. @default 1 */
  readonly connectMs?: number;
  /**
   * Milliseconds until a connection that carries nothing either way, or whose other machine has lost
   * power, is given up: drawn evenly.
   *
   * @default { min: 1_000, max: 5_000 }
   */
  readonly silenceMs?: { readonly min: number; readonly max: number };
}

export interface LatencyOptions {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

export type CheckedNetworkOptions = Required<Omit<NetworkOptions, keyof LimitOptions>>;

/** Every default filled in, every field checked. @throws {SimulationError} `invalid-option`. */
export function checkedNetworkOptions(options: NetworkOptions): CheckedNetworkOptions {
  const {
    latencyMs = { min: 0, mean: 1, max: 20 },
    lossProbability = 0,
    duplicationProbability = 0,
    reorderProbability = 0,
    reorderWindowMs = 50,
    retransmitMs = 200,
    connectMs = 1,
    silenceMs = { min: 1_000, max: 5_000 },
  } = options;
  checkProbability("lossProbability", lossProbability);
  checkProbability("duplicationProbability", duplicationProbability);
  checkProbability("reorderProbability", reorderProbability);
  checkOrder("latencyMs", [0, latencyMs.min, latencyMs.mean, latencyMs.max]);
  checkOrder("silenceMs", [0, silenceMs.min, silenceMs.max]);
  checkOrder("reorderWindowMs", [0, reorderWindowMs]);
  checkOrder("retransmitMs", [0, retransmitMs]);
  checkOrder("connectMs", [0, connectMs]);
  return {
    latencyMs,
    lossProbability,
    duplicationProbability,
    reorderProbability,
    reorderWindowMs,
    retransmitMs,
    connectMs,
    silenceMs,
  };
}

export function checkProbability(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new SimulationError("invalid-option", `${name} must be from 0 to 1, not ${value}`);
}

/** Throws `invalid-option` unless the numbers are finite and none is below the one before it. */
export function checkOrder(name: string, values: readonly number[]): void {
  const isFine = values.every(
    (value, at) => Number.isFinite(value) && value >= (values[at - 1] ?? 0),
  );
  if (isFine) return;
  throw new SimulationError(
    "invalid-option",
    `${name} must be finite numbers in rising order from 0, not ${values.slice(1).join(", ")}`,
  );
}
