import { descending } from "../../../src/codec/descending.ts";
import { int } from "../../../src/codec/int.ts";
import { json } from "../../../src/codec/json.ts";
import { utf8 } from "../../../src/codec/utf8.ts";
import { textLines } from "../../../src/input/text-lines.ts";
import { defineJob } from "../../../src/job/define-job.ts";
import { sortBy } from "../../../src/job/sort-by.ts";
import { jsonLinesFiles } from "../../../src/output/text-files.ts";

interface Word {
  readonly text: string;
  readonly length: number;
}

/** By the first letter of lines, a TAB among them: the three longest, by a secondary sort. */
export default defineJob<string, Word, unknown>({
  name: "longest",
  input: textLines("what Hadoop gives it"),
  key: utf8,
  value: json(),
  map: (record, pairs, context) => {
    const text = record.text();
    const [first = ""] = text;
    context.count(first === "\t" ? "tabs" : "others");
    pairs.emit(first, { text, length: text.length });
  },
  sort: sortBy(({ length }) => length, descending(int)),
  reduce: (letter, words, write) => {
    const longest: string[] = [];
    for (const { text } of words) if (longest.length < 3) longest.push(text);
    write({ letter, longest });
  },
  output: jsonLinesFiles(),
});
