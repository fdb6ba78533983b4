import { performance } from "node:perf_hooks";
import { DuckDBInstance } from "@duckdb/node-api";
import { peakRssBytes } from "../src/executors/peak-rss.ts";

/** Word count in DuckDB, with two threads: prints what it took. */
const [input, output] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
const startedAt = performance.now();
// The delimiter is a byte that the text has none of, so that each line is one column.
await connection.run(`
  copy (
    select word, count(*) as times
    from (
      select unnest(string_split(line, ' ')) as word
      from read_csv('${input}', columns = {'line': 'varchar'}, header = false, delim = '\\x01',
                    quote = '', escape = '', auto_detect = false)
    )
    group by word
  ) to '${output}' (format csv, delimiter '\t', header false)
`);
const seconds = (performance.now() - startedAt) / 1_000;
const rssMegabytes = peakRssBytes() / 1e6;
console.log(JSON.stringify({ seconds, rssMegabytes }));
