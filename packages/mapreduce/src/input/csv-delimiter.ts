import { MapReduceError } from "../mapreduce-error.ts";

/** For reading and for writing. @throws {MapReduceError} `invalid-job`. */
export function checkDelimiter(delimiter: string): void {
  if (/^[^"\r\n]$/u.test(delimiter)) return;
  throw new MapReduceError(
    "invalid-job",
    `delimiter must be one character, not a quote or a newline, and is ${JSON.stringify(delimiter)}`,
  );
}
