/** `read-standard-input.ts process|thread [first]`: see the test. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";
import type { RecordBatch } from "../../src/input/input.ts";
import { textLines } from "../../src/input/text-lines.ts";

const onlyFirst = process.argv[3] === "first";
const input = textLines("-");
const options = { maxRecordBytes: 1_000 };

function lastOf({ bytes, starts, ends, count }: RecordBatch): string {
  return Buffer.from(bytes.subarray(starts[count - 1], ends[count - 1])).toString();
}

async function main(): Promise<void> {
  const splits = await input.splits({ splitBytes: 10 });
  let lines = 0;
  let last = "";
  for await (const batch of input.read(splits[0]!, options)) {
    lines += batch.count;
    last = lastOf(batch);
    if (onlyFirst) return;
  }
  let again = "";
  try {
    for await (const batch of input.read(splits[0]!, options)) again = lastOf(batch);
  } catch (error) {
    again = (error as { readonly code: string }).code;
  }
  process.stdout.write(JSON.stringify({ splits, lines, last, again }));
}

if (process.argv[2] === "thread" && isMainThread) {
  // Node 20 cannot load a thread's `.ts` by itself.
  const core = createRequire(import.meta.url).resolve("@oxc-node/core");
  const loader = new URL("register.mjs", pathToFileURL(core)).href;
  const code = `import(${JSON.stringify(loader)}).then(() => import(${JSON.stringify(import.meta.url)}));`;
  // oxlint-disable-next-line no-new -- it ends by itself
  new Worker(code, { eval: true, argv: process.argv.slice(2) });
} else {
  void main();
}
