import { checkOrder, checkProbability } from "../network/network-options.ts";

/** How a disk behaves all the time; damage by `rot`, `wipe` and `fill` comes on top. */
export interface DiskOptions {
  /**
   * Milliseconds that an operation takes: evenly drawn.
   *
   * @default { min: 0.05, max: 0.5 }
   */
  readonly latencyMs?: { readonly min: number; readonly max: number };
  /** Operations that take `slowMs` instead, 0 to 1. @default 0 */
  readonly slowProbability?: number;
  /** Milliseconds of such an operation. @default 100 */
  readonly slowMs?: number;
  /** Reads that fail with `io-error`, 0 to 1. @default 0 */
  readonly readErrorProbability?: number;
  /** Writes that fail with `io-error` after some of their sectors, 0 to 1. @default 0 */
  readonly writeErrorProbability?: number;
  /**
   * Syncs and durable writes that fail with `io-error`, 0 to 1. As on Linux, what was not durable is
   * still read afterwards, and no later sync makes it durable.
   *
   * @default 0
   */
  readonly syncErrorProbability?: number;
  /**
   * Writes that end up elsewhere in their file, and are said to be done, 0 to 1. Only where the fault
   * atlas allows damage.
   *
   * @default 0
   */
  readonly misdirectProbability?: number;
  /** Bytes that fit; more fail with `no-space`. @default Infinity */
  readonly capacityBytes?: number;
  /**
   * What becomes of changes that were not durable when power is lost: `random` lets each survive,
   * vanish or tear, `vanish` loses all.
   *
   * @default "random"
   */
  readonly atPowerLoss?: "random" | "vanish";
}

/** Every default filled in, every field checked. @throws {SimulationError} `invalid-option`. */
export function checkedDiskOptions(options: DiskOptions): Required<DiskOptions> {
  const checked = {
    latencyMs: { min: 0.05, max: 0.5 },
    slowProbability: 0,
    slowMs: 100,
    readErrorProbability: 0,
    writeErrorProbability: 0,
    syncErrorProbability: 0,
    misdirectProbability: 0,
    capacityBytes: Infinity,
    atPowerLoss: "random",
    ...options,
  } satisfies Required<DiskOptions>;
  checkOrder("latencyMs", [0, checked.latencyMs.min, checked.latencyMs.max]);
  checkOrder("slowMs", [0, checked.slowMs]);
  for (const name of [
    "slowProbability",
    "readErrorProbability",
    "writeErrorProbability",
    "syncErrorProbability",
    "misdirectProbability",
  ] as const) {
    checkProbability(name, checked[name]);
  }
  return checked;
}
