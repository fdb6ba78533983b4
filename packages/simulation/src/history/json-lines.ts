import { CheckerError } from "../checker/checker-error.ts";
import type { Invocation, Operation } from "./operation.ts";

/**
 * A history as text, a line of JSON an operation, in the order given:
 * `{"client","op","key","value"?,"output"?,"call","return"|null}`. Ends with a newline unless empty.
 */
export function formatHistory(operations: readonly Operation[]): string {
  return operations.map((operation) => `${formatOperation(operation)}\n`).join("");
}

function formatOperation({ client, input, output, call, return: returned }: Operation): string {
  const { op, key, value } = input;
  return JSON.stringify({ client, op, key, value, output, call, return: returned });
}

/**
 * Reads what `formatHistory` writes, or another tool; empty lines are skipped, other fields ignored,
 * a client's number is taken for its name. Whether a model knows the operations shows in the check.
 *
 * @throws {CheckerError} `malformed-history`; the message has the number of the line.
 */
export function parseHistory<Input extends Invocation = Invocation, Output = unknown>(
  text: string,
): Operation<Input, Output>[] {
  return text.split("\n").flatMap((line, index) => {
    return line.trim() === "" ? [] : [parseOperation(line, index + 1) as Operation<Input, Output>];
  });
}

function parseOperation(line: string, lineNumber: number): Operation {
  const { client, op, key, value, output, call, return: returned } = parseObject(line, lineNumber);
  const check = (is: boolean, what: string): void => {
    if (!is) throw new CheckerError("malformed-history", `line ${lineNumber}: ${what}`);
  };
  check(typeof client === "string" || typeof client === "number", "client is no string or number");
  check(typeof op === "string", "op is no string");
  check(typeof key === "string", "key is no string");
  check(typeof call === "number", "call is no number");
  check(returned === null || typeof returned === "number", "return is no number and not null");
  return {
    client: String(client),
    input: { op: op as string, key: key as string, ...(value !== undefined && { value }) },
    ...(output !== undefined && { output }),
    call: call as number,
    return: returned as number | null,
  };
}

function parseObject(line: string, lineNumber: number): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch (cause) {
    throw new CheckerError("malformed-history", `line ${lineNumber}: no JSON`, { cause });
  }
  throw new CheckerError("malformed-history", `line ${lineNumber}: no object`);
}
