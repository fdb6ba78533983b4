import { utf8 } from "../codec/utf8.ts";
import type { Input } from "../input/input.ts";
import { defineJob } from "../job/define-job.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job } from "../job/job.ts";
import { sortBy } from "../job/sort-by.ts";
import type { Output } from "../output/output.ts";
import { jsonLinesFiles } from "../output/text-files.ts";

export interface Posting {
  readonly word: string;
  /** Those that it is in, sorted, each once. */
  readonly documents: readonly string[];
}

export interface InvertedIndexOptions {
  readonly input: Input;
  /**
   * The document that a record is of.
   *
   * @default the name of its file
   */
  readonly document?: (record: InputRecord) => string;
  /**
   * The words of a record.
   *
   * @default runs of letters, digits and what stands above them, in lower case
   */
  readonly words?: (text: string) => Iterable<string>;
  /** @default jsonLinesFiles() */
  readonly output?: Output<Posting>;
}

/**
 * Which documents each word is in (the paper, section 2.3). A word's documents come to reduce sorted,
 * so that those written twice stand beside each other; its list of them must fit into memory.
 */
export function invertedIndex({
  input,
  document = (record) => record.place.file,
  words = wordsOf,
  output = jsonLinesFiles(),
}: InvertedIndexOptions): Job {
  return defineJob<string, string, Posting>({
    name: "inverted index",
    input,
    key: utf8,
    value: utf8,
    map: (record, pairs) => {
      const name = document(record);
      for (const word of new Set(words(record.text()))) pairs.emit(word, name);
    },
    sort: sortBy((name) => name, utf8),
    reduce: (word, names, write) => {
      const documents: string[] = [];
      for (const name of names) if (name !== documents.at(-1)) documents.push(name);
      write({ word, documents });
    },
    output,
  });
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}
