import { createPipeline, type Pipeline, type Source } from "../../src/index.ts";

const BATCH = 1_024;
const LINES = 4_096;
const KEYS = 1_000;

export interface ParseAndCountArgument {
  readonly batches: number;
}

/** Lines of JSON, parsed, filtered and counted by key; split into as many parts as there are threads. */
export default function parseAndCount({ batches }: ParseAndCountArgument): Pipeline {
  const pipeline = createPipeline();
  pipeline
    .from(lines(batches))
    .map((line) => JSON.parse(line) as { readonly auction: number; readonly price: number })
    .filter(({ price }) => price % 10 === 0)
    .keyBy(({ auction }) => auction)
    .aggregate({ create: () => 0, add: (count) => count + 1, result: (count) => count })
    .filter((count) => count === -1)
    .to({ recover: () => {}, open: () => ({ write() {}, prepare() {}, commit() {} }) }, "sink");
  return pipeline;
}

function lines(batches: number): Source<string> {
  return {
    *open({ subtask, subtasks }) {
      const all = Array.from({ length: LINES }, (_, at) =>
        JSON.stringify({ auction: (at * 7_919) % KEYS, price: at % 1_000, url: "x".repeat(120) }),
      );
      for (let at = subtask; at < batches; at += subtasks) {
        const from = (at * BATCH) % LINES;
        yield { records: all.slice(from, from + BATCH), split: `${subtask}`, position: at };
      }
    },
  };
}
