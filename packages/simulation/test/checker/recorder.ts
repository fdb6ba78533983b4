import type { Invocation, Operation } from "../../src/checker/index.ts";

/**
 * A history as it is drawn on a board: who, from when to when (`null`: never returned), what, and
 * the answer.
 */
export function at<Input extends Invocation, Output>(
  client: string,
  call: number,
  returned: number | null,
  input: Input,
  output?: Output,
): Operation<Input, Output> {
  return { client, call, return: returned, input, ...(output !== undefined && { output }) };
}
