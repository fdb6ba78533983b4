import { defineJob, sum, textFiles, textLines, uint, utf8 } from "../../src/index.ts";

/** Counts words of `text`, in the working folder; the word "poison" is a bug. */
export default defineJob<string, number, string>({
  name: "words",
  input: textLines("text"),
  key: utf8,
  value: uint,
  map: (record, pairs, context) => {
    for (const word of record.text().split(" ")) {
      if (word === "poison") throw new Error("a bug of the job");
      pairs.emit(word, 1);
      context.count("words seen");
    }
  },
  combine: sum,
  reduce: (word, counts, write) => {
    let total = 0;
    for (const count of counts) total += count;
    write(`${word}\t${total}`);
  },
  output: textFiles(),
});
