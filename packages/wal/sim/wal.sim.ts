import type { SimulationTarget } from "@quorate/simulation";
import { WAL_COVERAGE } from "./wal-coverage.ts";
import { WalRun } from "./wal-run.ts";

/**
 * The log on a disk with faults, against a naive list of records: what was acknowledged is there, what
 * was truncated does not come back, and damage is reported wherever it can be told from a torn write.
 * One machine has no core to heal: both modes are the same.
 */
const target: SimulationTarget = {
  name: "wal",
  coverage: WAL_COVERAGE,
  run: (seed, options) => new WalRun(seed, options).run(),
};

export default target;
