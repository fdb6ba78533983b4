import type { StateSize } from "./operator-context.ts";
import type { OperatorInput } from "./operator-input.ts";

/** What is counted of an operator in a subtask, since its start. */
export interface OperatorCounts {
  readonly recordsIn: number;
  readonly lateRecords: number;
  readonly failedRecords: number;
  readonly watermarkMs: number;
  readonly state: StateSize;
}

/** Gathers them as plain fields, to be looked at now and then. */
export class OperatorCounter {
  lateRecords = 0;
  failedRecords = 0;
  look: () => StateSize = () => ({ rows: 0, timers: 0 });
  /** What the operator is fed through, if that is counted. */
  inputs: readonly Pick<OperatorInput<unknown>, "records" | "watermarkMs">[] = [];

  counts(): OperatorCounts {
    const { lateRecords, failedRecords, inputs } = this;
    return {
      recordsIn: inputs.reduce((sum, { records }) => sum + records, 0),
      lateRecords,
      failedRecords,
      // An operator is where its slowest input is.
      watermarkMs:
        inputs.length > 0 ? Math.min(...inputs.map((one) => one.watermarkMs)) : -Infinity,
      state: this.look(),
    };
  }
}
