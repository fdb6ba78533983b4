/** Prints how many bytes a lookup allocates, by algorithm and kind of key. */
import type { Key } from "../src/index.ts";
import { ALL, names } from "./all-algorithms.ts";

const LOOKUPS = 100_000;
const KINDS: Readonly<Record<string, readonly Key[]>> = {
  ascii: Array.from({ length: 1_000 }, (_, index) => `session:${index * 7_919}`),
  unicode: Array.from({ length: 1_000 }, (_, index) => `сессия:${index}😀`),
  bytes: Array.from({ length: 1_000 }, (_, index) => Uint8Array.of(index, index >>> 8, 7)),
};

const bytes: Record<string, number> = {};
for (const [name, create] of Object.entries(ALL)) {
  const locator = create(names(20));
  for (const [kind, keys] of Object.entries(KINDS)) {
    const run = (): void => {
      for (let lookup = 0; lookup < LOOKUPS; lookup++) locator.locate(keys[lookup % 1_000] as Key);
    };
    // Until the optimising compiler is done.
    for (let warmUp = 0; warmUp < 4; warmUp++) run();
    const before = process.memoryUsage().heapUsed;
    run();
    bytes[`${name}, ${kind}`] = (process.memoryUsage().heapUsed - before) / LOOKUPS;
  }
}
console.log(JSON.stringify(bytes));
