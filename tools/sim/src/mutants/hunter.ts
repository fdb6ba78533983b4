import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Hunt, HuntNews } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { plant } from "./plant.ts";

/** Real time that one seed may take: a planted bug may make the program run in a circle. */
const MAX_SEED_MS = 180_000;

/** How the hunt for one mutant ended. */
export type Hunted =
  | { readonly found: true; readonly seeds: number; readonly reason: string }
  | { readonly found: false; readonly seeds: number };

/** Plants a bug and looks for it, seed after seed, in a thread of its own. */
export async function huntFor(targetFile: string, mutant: Mutant, seeds: Hunt): Promise<Hunted> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-mutant-"));
  try {
    const program = join(folder, "hunt.mjs");
    await plant(targetFile, mutant, program);
    return await hunt(program, seeds);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function hunt(program: string, workerData: Hunt): Promise<Hunted> {
  // Without this process's flags: the bundle needs no loader.
  const worker = new Worker(program, { workerData, execArgv: [] });
  let seeds = 0;
  let watchdog: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Hunted>((resolve, reject) => {
      const found = (reason: string): void => resolve({ found: true, seeds, reason });
      worker.on("message", (news: HuntNews) => {
        if (news.kind === "found") return found(news.reason);
        if (news.kind === "escaped") return resolve({ found: false, seeds });
        seeds = news.seed - workerData.firstSeed + 1;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => found("the run does not end"), MAX_SEED_MS);
      });
      worker.on("error", (error) => {
        if (seeds === 0) reject(error); // the hunt itself, not what is hunted
        else found(`the run dies: ${String(error)}`);
      });
    });
  } finally {
    clearTimeout(watchdog);
    await worker.terminate();
  }
}
