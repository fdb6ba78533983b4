import { float64 } from "../../../src/codec/float64.ts";
import { utf8 } from "../../../src/codec/utf8.ts";
import { textLines } from "../../../src/input/text-lines.ts";
import { defineJob } from "../../../src/job/define-job.ts";
import { textFiles } from "../../../src/output/text-files.ts";
import { sum } from "../../../src/table/folds.ts";

/** Counts words; what it does at a word that begins with "!" is what a test wants to see. */
export default defineJob({
  name: "word count",
  input: textLines("replaced by the test"),
  key: utf8,
  value: float64,
  combine: sum,
  map(record, pairs, context) {
    for (const word of record.text().split(" ")) {
      if (word === "!exit") process.exit(3);
      if (word === "!throw") throw new RangeError("as asked");
      if (word === "!leak")
        for (const all: unknown[] = []; ;)
          all.push(Array.from({ length: 1_000 }, () => word + all.length));
      pairs.emit(word, 1);
      context.count("words");
    }
  },
  reduce(word, counts, write) {
    let total = 0;
    for (const count of counts) total += count;
    write(`${word} ${total}`);
  },
  output: textFiles(),
});
