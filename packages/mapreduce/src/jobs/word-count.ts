import { uint } from "../codec/uint.ts";
import { utf8 } from "../codec/utf8.ts";
import type { Input } from "../input/input.ts";
import { defineJob } from "../job/define-job.ts";
import type { Job } from "../job/job.ts";
import type { Output } from "../output/output.ts";
import { textFiles } from "../output/text-files.ts";
import { sum } from "../table/folds.ts";

export interface WordCountOptions {
  readonly input: Input;
  /**
   * Takes lines of a word, a tab and its count.
   *
   * @default textFiles()
   */
  readonly output?: Output<string>;
}

/** What stands between words: ASCII white space. Other bytes, of UTF-8 too, are parts of words. */
function isSpace(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/**
 * How often each word occurs, words being what stands between white space (the paper, section 2.1).
 * Words stay bytes from the input to the output: none is decoded before it is counted.
 */
export function wordCount({ input, output = textFiles() }: WordCountOptions): Job {
  return defineJob<string, number, string>({
    name: "word count",
    input,
    key: utf8,
    value: uint,
    map: ({ bytes, start, end }, pairs) => {
      for (let at = start; at < end; at++) {
        if (isSpace(bytes[at]!)) continue;
        const wordStart = at;
        do at++;
        while (at < end && !isSpace(bytes[at]!));
        pairs.emitBytes(bytes, wordStart, at, 1);
      }
    },
    combine: sum,
    reduce: (word, counts, write) => {
      let total = 0;
      for (const count of counts) total += count;
      write(`${word}\t${total}`);
    },
    output,
  });
}
