/**
 * Why the world refused or gave up. A closed list:
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `wrong-state`: a node cannot do that now: it runs already, is down, or is not paused.
 * - `not-reached`: what was waited for did not come about within the time allowed.
 * - `crashed`: the node that should have started, stopped or answered crashed meanwhile.
 * - `program-threw`: a callback of the program under test threw; `cause` is what it threw.
 * - `real-world`: code inside of the simulation reached for a real timer, clock, random number or
 *   I/O; the message says what to use instead.
 * - `disposed`: the world has ended.
 */
export type SimulationErrorCode =
  | "invalid-option"
  | "wrong-state"
  | "not-reached"
  | "crashed"
  | "program-threw"
  | "real-world"
  | "disposed";

/** The only error that this package throws of its own. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
  readonly code: SimulationErrorCode;

  constructor(code: SimulationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
