import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createPipeline, fromArray, type Pipeline, type Sink } from "../../../src/index.ts";

export interface WordCountArgument {
  readonly words: readonly string[];
  /** Where results go: a file a transaction, whose name ends in `.committed` once it is. */
  readonly dir: string;
  /** Throws at the first record that is this, once. */
  readonly poison?: string;
  /** Ends its thread at the first record that is this, once. */
  readonly exit?: string;
}

/** Counts words: splits by word, so that the order of each is kept. */
export default function wordCount({ words, dir, poison, exit }: WordCountArgument): Pipeline {
  const pipeline = createPipeline();
  pipeline
    .from(fromArray(words, { batchSize: 3, splits: (word) => word }))
    .map((word) => {
      if (word === poison && isFirst(`${dir}/poisoned`)) throw new Error(`${word} is poison`);
      if (word === exit && isFirst(`${dir}/exited`)) process.exit(3);
      return word;
    })
    .named("map")
    .keyBy((word) => word)
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (count, word) => `${word} ${count}`,
    )
    .named("count")
    .to(transactionFiles(dir), "sink");
  return pipeline;
}

function isFirst(marker: string): boolean {
  if (existsSync(marker)) return false;
  writeFileSync(marker, "");
  return true;
}

/** All threads and runs share the folder; a transaction is committed by a line in one file. */
function transactionFiles(dir: string): Sink<string> {
  const commit = (transaction: unknown): void => {
    const { lines } = transaction as { lines: readonly string[]; id: string };
    const { id } = transaction as { id: string };
    if (!isFirst(`${dir}/committed-${id}`)) return;
    appendFileSync(`${dir}/results`, lines.map((line) => `${line}\n`).join(""));
  };
  return {
    recover: (_, transactions) => transactions.forEach(commit),
    open: ({ subtask, subtasks }) => {
      let lines: string[] = [];
      return {
        write: (records) => void lines.push(...records),
        prepare: (checkpointId) => {
          if (lines.length === 0) return undefined;
          const transaction = { id: `${checkpointId}-${subtask}-of-${subtasks}`, lines };
          lines = [];
          return transaction;
        },
        commit,
      };
    },
  };
}

export function resultsOf(dir: string): readonly string[] {
  return existsSync(`${dir}/results`)
    ? readFileSync(`${dir}/results`, "utf8").trimEnd().split("\n")
    : [];
}
