/** What a client asked for. A model narrows `op` and `value` to what it knows. */
export interface Invocation {
  readonly op: string;
  /** What it is about: the register, key, queue or lock. Objects of other keys are independent. */
  readonly key: string;
  /** What it gave along. Of JSON's kinds, so that a history can be written down. */
  readonly value?: unknown;
}

/**
 * One operation of a history. `call` and `return` are points in the order of all operations: of one
 * clock, or of one sequence; what their unit is does not matter.
 */
export interface Operation<Input extends Invocation = Invocation, Output = unknown> {
  readonly client: string;
  readonly input: Input;
  /** What it returned. `undefined`: nothing, or its outcome is unknown; any result would do. */
  readonly output?: Output | undefined;
  readonly call: number;
  /**
   * Not before `call`. `null`: it never returned, so its outcome is unknown: it may have taken
   * effect at any time after `call`, may still do so, or never.
   */
  readonly return: number | null;
}
