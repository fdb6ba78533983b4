import { bytes as bytesCodec } from "../codec/bytes.ts";
import type { Input } from "../input/input.ts";
import { defineJob } from "../job/define-job.ts";
import type { Job } from "../job/job.ts";
import type { Output } from "../output/output.ts";
import { textFiles } from "../output/text-files.ts";

export interface DistinctOptions {
  readonly input: Input;
  /**
   * Takes the records as bytes.
   *
   * @default textFiles()
   */
  readonly output?: Output<Uint8Array>;
}

const NOTHING = new Uint8Array(0);

/** Each record once, by its bytes. */
export function distinct({ input, output = textFiles() }: DistinctOptions): Job {
  return defineJob<Uint8Array, Uint8Array, Uint8Array>({
    name: "distinct",
    input,
    key: bytesCodec,
    value: bytesCodec,
    map: ({ bytes, start, end }, pairs) => pairs.emitBytes(bytes, start, end, NOTHING),
    combine: (first) => first,
    reduce: (record, _, write) => write(record),
    output,
  });
}
