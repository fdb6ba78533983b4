import type { DiskOptions } from "../disk/disk-options.ts";
import type { NetworkOptions } from "../network/network-options.ts";
import { SimulationError } from "../simulation-error.ts";

/** A world, and how hard it is to live in. Without options, nothing fails. */
export interface SimulationOptions {
  /** Everything that is drawn is drawn from it: same seed, same program, same run. */
  readonly seed: string | number;
  readonly network?: NetworkOptions;
  /** How the disks of all nodes behave at first. */
  readonly disk?: DiskOptions;
  /** How the nodes' clocks differ. */
  readonly clocks?: ClockOptions;
  /** Nodes whose durable data may be damaged; see `FaultAtlas`. @default 0 */
  readonly damagedNodes?: number;
  /**
   * Whether code in the world that reaches for the real one throws `real-world`.
   *
   * @default true
   */
  readonly guard?: boolean;
}

export interface ClockOptions {
  /**
   * Each node's clock runs faster or slower by up to so many parts in a million; real ones stay
   * below some 200.
   *
   * @default 0
   */
  readonly skewPpm?: number;
  /** How far the wall clocks of two nodes are apart at first, in milliseconds. @default 0 */
  readonly wallOffsetMs?: number;
}

/** Every default filled in. @throws {SimulationError} `invalid-option`. */
export function checkedClockOptions(options: ClockOptions = {}): Required<ClockOptions> {
  const { skewPpm = 0, wallOffsetMs = 0 } = options;
  if (!(skewPpm >= 0 && skewPpm < 500_000)) {
    throw new SimulationError("invalid-option", `skewPpm must be 0 to 500,000, not ${skewPpm}`);
  }
  if (!(wallOffsetMs >= 0 && Number.isFinite(wallOffsetMs))) {
    throw new SimulationError("invalid-option", `wallOffsetMs must be from 0, not ${wallOffsetMs}`);
  }
  return { skewPpm, wallOffsetMs };
}
