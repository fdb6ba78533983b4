import type { CheckReport } from "../instance.ts";

export interface Thresholds {
  /** Results in a row that are not critical, after which a critical check is not any more. @default 1 */
  readonly healthyThreshold?: number;
  /** Failures in a row after which a check is critical. @default 2 */
  readonly unhealthyThreshold?: number;
}

/** What a check's results come to: one that fails now and then is not critical. */
export class CheckResults {
  readonly #thresholds: Required<Thresholds>;
  #report: CheckReport = { health: "critical", note: "not checked yet" };
  #isFirst = true;
  /** Results in a row: above 0 successes, below 0 failures. */
  #inRow = 0;

  constructor(thresholds: Required<Thresholds>) {
    this.#thresholds = thresholds;
  }

  get report(): CheckReport {
    return this.#report;
  }

  /** Takes a result. The first one counts at once. */
  add(result: CheckReport): void {
    const { healthyThreshold, unhealthyThreshold } = this.#thresholds;
    const hasFailed = result.health === "critical";
    this.#inRow = hasFailed ? Math.min(0, this.#inRow) - 1 : Math.max(0, this.#inRow) + 1;
    const isCritical = this.#report.health === "critical";
    const isEnough = hasFailed
      ? isCritical || -this.#inRow >= unhealthyThreshold
      : !isCritical || this.#inRow >= healthyThreshold;
    if (this.#isFirst || isEnough) this.#report = result;
    this.#isFirst = false;
  }
}
