import type { Input } from "../input/input.ts";
import { defineMapJob } from "../job/define-map-job.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { Output } from "../output/output.ts";
import { textFiles } from "../output/text-files.ts";

export interface GrepOptions {
  readonly input: Input;
  /** What a record must have in it: text, not empty, or what a regular expression matches. */
  readonly pattern: string | RegExp;
  /**
   * Takes the records without it instead.
   *
   * @default false
   */
  readonly invert?: boolean;
  /**
   * Takes the records as bytes.
   *
   * @default textFiles()
   */
  readonly output?: Output<Uint8Array>;
}

/**
 * The records that a pattern is in, a part for each split, in the input's order. Text is looked for
 * in the bytes; with a regular expression each record is decoded.
 */
export function grep({ input, pattern, invert = false, output = textFiles() }: GrepOptions): Job {
  if (pattern === "") throw new MapReduceError("invalid-job", "pattern must not be empty");
  const isIn = typeof pattern === "string" ? containing(pattern) : matching(pattern);
  return defineMapJob<Uint8Array>({
    name: "grep",
    input,
    map: (record, write) => {
      if (isIn(record) !== invert) write(record.bytes.subarray(record.start, record.end));
    },
    output,
  });
}

function containing(text: string): (record: InputRecord) => boolean {
  const needle = Buffer.from(text);
  return ({ bytes, start, end }) =>
    end - start >= needle.length &&
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).includes(needle);
}

function matching(pattern: RegExp): (record: InputRecord) => boolean {
  // A global or sticky one would begin where it matched in the record before.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return (record) => stateless.test(record.text());
}
