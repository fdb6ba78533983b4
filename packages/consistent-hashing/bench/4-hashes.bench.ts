import { createHash } from "node:crypto";
import murmurhash from "murmurhash";
import xxhash from "xxhash-wasm";
import { type Bench, defineBench, measured, type Sample } from "@quorate/bench";
import { fnv1a, murmur3, xxh32, xxh64 } from "../src/index.ts";
import { xxh64Low } from "../src/hash/xxh64.ts";
import { flat, rate, sixteenByteKeys } from "./timing.ts";

const LENGTHS = [16, 64, 1_024] as const;

const bench: Bench = defineBench(async (options) => {
  const wasm = await xxhash();
  const rows = [];
  for (const length of LENGTHS) {
    const keys = sixteenByteKeys(16_384 / Math.max(1, length / 64)).map((key) =>
      flat(key.padStart(length, "x")),
    );
    const of =
      (hash: (key: string) => unknown): (() => Promise<Sample>) =>
      async () =>
        rate(hash, keys);
    const bytes = `${length.toLocaleString("en-US")} bytes`;
    rows.push(
      await measured(options, {
        case: `murmur3 of ${bytes}`,
        unit: "M/s",
        ours: of((key) => murmur3(key)),
        peers: {
          murmurhash: of((key) => murmurhash.v3(key)),
          "node:crypto md5": of((key) => createHash("md5").update(key).digest()),
        },
      }),
      await measured(options, {
        case: `xxh32 of ${bytes}`,
        unit: "M/s",
        ours: of((key) => xxh32(key)),
        peers: { "xxhash-wasm h32": of((key) => wasm.h32(key)) },
      }),
      await measured(options, {
        case: `xxh64 of ${bytes}, as locate uses it`,
        unit: "M/s",
        ours: of((key) => xxh64Low(key)),
        peers: { "xxhash-wasm h64": of((key) => wasm.h64(key)) },
      }),
      await measured(options, {
        case: `xxh64 of ${bytes}, as a bigint`,
        unit: "M/s",
        ours: of((key) => xxh64(key)),
        peers: { "xxhash-wasm h64": of((key) => wasm.h64(key)) },
      }),
      await measured(options, {
        case: `fnv1a of ${bytes}`,
        unit: "M/s",
        ours: of((key) => fnv1a(key)),
      }),
    );
  }
  return rows;
});
export default bench;
