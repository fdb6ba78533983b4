import { type Bench, defineBench, measured, median, type Row, type Run } from "@quorate/bench";
import { randomRecords, zipfText } from "./corpus.ts";
import { type Measured, runOurs, runProgram, runShell } from "./in-process-of-its-own.ts";

const MEMORY_BYTES = 512 * 2 ** 20;
const TWO = { workers: 2, partitions: 2, memoryBytes: MEMORY_BYTES };
const MAWK = `mawk '{ for (i = 1; i <= NF; i++) c[$i]++ } END { for (w in c) print w "\\t" c[w] }'`;

/** What each side held in its runs, for the rows about memory. */
type Peaks = Map<string, number[]>;

function noted(peaks: Peaks, name: string, run: () => Promise<Measured>): () => Promise<Measured> {
  return async () => {
    const result = await run();
    peaks.set(name, [...(peaks.get(name) ?? []), result.rssMegabytes]);
    return result;
  };
}

function rate(megabytes: number, run: () => Promise<Measured>): Run {
  return async () => ({ value: megabytes / (await run()).seconds });
}

function time(run: () => Promise<Measured>): Run {
  return async () => ({ value: (await run()).seconds });
}

/** The memory that the runs of a case before it took. */
function peakRow(name: string, peaks: Peaks, goal: number): Row[] {
  const ours = peaks.get("ours");
  if (!ours) return [];
  const peers = [...peaks].filter(([side]) => side !== "ours");
  const value = median(ours);
  return [
    {
      case: `${name}, peak RSS`,
      unit: "MB",
      value,
      peers: Object.fromEntries(peers.map(([side, all]) => [side, median(all)])),
      goal,
      met: value <= goal,
    },
  ];
}

const bench: Bench = defineBench(async (options) => {
  const megabytes = options.quick ? 50 : 500;
  const words = zipfText(megabytes);
  const counting: Peaks = new Map();
  const sorting: Peaks = new Map();
  const records = options.quick ? 500_000 : 5_000_000;
  const toSort = randomRecords(records);
  const [small, large] = options.quick ? [20, 200] : [100, 2_000];
  const count = (input: string, more: object = {}) =>
    runOurs("count-words", input, { ...TWO, ...more });
  const flat: number[] = [];
  /** What 512 MiB are in megabytes, and the fifth more that is allowed. */
  const most = (1.2 * MEMORY_BYTES) / 1e6;
  const rows: (Row | undefined)[] = [
    await measured(options, {
      case: `word count of ${megabytes} MB, built-in mapper, 2 threads`,
      unit: "MB/s",
      ours: rate(
        megabytes,
        noted(counting, "ours", () => count(words)),
      ),
      peers: {
        mawk: rate(
          megabytes,
          noted(counting, "mawk", () => runShell(`${MAWK} ${words} > $out`)),
        ),
        "GNU sort | uniq -c": rate(
          megabytes,
          noted(counting, "GNU sort | uniq -c", () =>
            runShell(`tr -s ' ' '\\n' < ${words} | sort --parallel=2 | uniq -c > $out`),
          ),
        ),
        "DuckDB, 2 threads": rate(
          megabytes,
          noted(counting, "DuckDB, 2 threads", () =>
            runProgram("./duckdb-count.ts", words, `${words}.out`),
          ),
        ),
      },
      goal: ({ ours, peers }) => {
        const goal = Math.max(
          120,
          4 * peers.mawk,
          5 * peers["GNU sort | uniq -c"],
          peers["DuckDB, 2 threads"] / 1.2,
        );
        return { goal, met: ours >= goal };
      },
    }),
    ...peakRow("word count", counting, most),
    await measured(options, {
      case: `word count of ${megabytes} MB, user's function on strings, 2 threads`,
      unit: "MB/s",
      ours: rate(megabytes, () => runOurs("count-words-of-strings", words, TWO)),
      goal: ({ ours }) => ({ goal: 35, met: ours >= 35 }),
    }),
    await measured(options, {
      case: `external sort of ${records / 1e6} M records of 100 bytes within 512 MB, 2 threads`,
      unit: "s",
      ours: time(noted(sorting, "ours", () => runOurs("sort-records", toSort, TWO))),
      peers: {
        "GNU sort, 2 threads": time(
          noted(sorting, "GNU sort, 2 threads", () =>
            runShell(`sort --parallel=2 -S 450M ${toSort} -o $out`),
          ),
        ),
      },
      goal: ({ ours, peers }) => {
        const goal = 1.2 * peers["GNU sort, 2 threads"];
        return { goal, met: ours <= goal };
      },
    }),
    ...peakRow("external sort", sorting, most),
    await measured(options, {
      case: "word count, from 1 thread to 2",
      unit: "times as fast",
      ours: async () => {
        const one = await count(words, { workers: 1 });
        return { value: one.seconds / (await count(words)).seconds };
      },
      goal: ({ ours }) => ({ goal: 1.7, met: ours >= 1.7 }),
    }),
    await measured(options, {
      case: `word count, seconds a megabyte, ${large} MB to ${small} MB`,
      unit: "ratio",
      ours: async () => {
        const little = await count(zipfText(small));
        const much = await count(zipfText(large));
        flat.push(much.rssMegabytes / little.rssMegabytes);
        return { value: much.seconds / large / (little.seconds / small) };
      },
      goal: ({ ours }) => ({ goal: 1.1, met: ours <= 1.1 }),
    }),
  ];
  if (flat.length > 0) {
    const value = median(flat);
    const name = `word count, peak RSS, ${large} MB to ${small} MB`;
    rows.push({ case: name, unit: "ratio", value, peers: {}, goal: 1.2, met: value <= 1.2 });
  }
  return rows;
});
export default bench;
