import { StreamError } from "../../stream-error.ts";

/** How far a server was read that can be asked to go on after something. */
export interface ResumePosition<P = unknown> {
  /** What the server is asked to go on after; undefined: wherever it begins. */
  readonly after: P | undefined;
  /** Records since then that the server cannot be asked to go on after. */
  readonly unmarked: number;
}

export interface LossOptions {
  /**
   * When the source connects again after records that the server cannot be asked to go on after:
   * `fail` with `position-lost`, or `go-on` with what the server sends now.
   *
   * @default "fail"
   */
  readonly afterLoss?: "fail" | "go-on";
}

/**
 * Whether a connection at this position follows what was read without a gap. `hasGiven`: records were
 * read in this process before, perhaps by a run whose checkpoint was never kept.
 *
 * @throws {StreamError} `position-lost`
 */
export function checkNothingLost(
  url: string,
  { after, unmarked }: ResumePosition,
  hasGiven: boolean,
  { afterLoss = "fail" }: LossOptions,
): void {
  if (afterLoss === "go-on") return;
  if (unmarked === 0 && (after !== undefined || !hasGiven)) return;
  const what =
    unmarked > 0 ? `${unmarked} records had no id` : "no checkpoint was kept, and no from";
  throw new StreamError("position-lost", `${url} cannot be asked to go on: ${what}`);
}
