import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./percentile.ts";

const WRITES = 50;

/** Milliseconds of writing 4 KiB at the end of a file and fdatasync, in the temporary folder. */
export async function fdatasyncMs(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-bench-"));
  try {
    const file = await open(join(folder, "probe"), "w");
    const block = Buffer.alloc(4_096, 1);
    const samples: number[] = [];
    for (let written = 0; written < WRITES; written++) {
      const startedAt = performance.now();
      await file.write(block);
      await file.datasync();
      samples.push(performance.now() - startedAt);
    }
    await file.close();
    return median(samples);
  } finally {
    await rm(folder, { recursive: true });
  }
}
