import { writeSync } from "node:fs";
import { openWal } from "../src/index.ts";

/** Run by system.test.ts: appends numbered records, prints each index once it is durable. */
const wal = await openWal({ directory: process.argv[2]!, segmentBytes: 64 * 1_024 });

async function append(): Promise<never> {
  for (;;) {
    const record = Buffer.alloc(4 + ((wal.lastIndex * 37) % 3_000));
    record.writeUInt32LE(wal.lastIndex + 1, 0);
    writeSync(1, `${await wal.append([record])}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, append));
