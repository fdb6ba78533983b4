import { float64 } from "../../src/codec/float64.ts";
import { utf8 } from "../../src/codec/utf8.ts";
import { textLines } from "../../src/input/text-lines.ts";
import { defineJob } from "../../src/job/define-job.ts";
import { textFiles } from "../../src/output/text-files.ts";
import { sum } from "../../src/table/folds.ts";

/** Word count as anyone would write it, on strings. */
export default defineJob({
  name: "count words of strings",
  input: textLines("given by the benchmark"),
  key: utf8,
  value: float64,
  combine: sum,
  map(record, pairs) {
    for (const word of record.text().split(" ")) pairs.emit(word, 1);
  },
  reduce(word, counts, write) {
    let total = 0;
    for (const count of counts) total += count;
    write(`${word} ${total}`);
  },
  output: textFiles(),
});
