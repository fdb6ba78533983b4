import { descending } from "../../../src/codec/descending.ts";
import { uint } from "../../../src/codec/uint.ts";
import { utf8 } from "../../../src/codec/utf8.ts";
import { textLines } from "../../../src/input/text-lines.ts";
import { byRanges } from "../../../src/job/by-ranges.ts";
import { defineChain } from "../../../src/job/chain.ts";
import { defineJob } from "../../../src/job/define-job.ts";
import { textFiles } from "../../../src/output/text-files.ts";
import wordCount from "./word-count.ts";

/** The words in the order of their counts, the most frequent first. */
export default defineChain("top words", wordCount, (counts) =>
  defineJob({
    name: "by count",
    input: textLines(counts),
    key: descending(uint),
    value: utf8,
    partition: byRanges(),
    map(record, pairs) {
      const [word, count] = record.text().split(" ");
      pairs.emit(Number(count), word!);
    },
    reduce(count, words, write) {
      for (const word of words) write(`${count} ${word}`);
    },
    output: textFiles(),
  }),
);
