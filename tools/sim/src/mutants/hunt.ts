import { parentPort, workerData } from "node:worker_threads";
import type { SimulationTarget } from "@quorate/simulation";

/** What the worker is told. */
export interface Hunt {
  /** Seeds 1 to this are tried, as `pnpm sim <target> --seeds` does. */
  readonly maxSeeds: number;
}

/** What the worker tells: which seed it is at, and at last how it ended. */
export type HuntNews =
  | { readonly kind: "seed"; readonly seed: number }
  | { readonly kind: "found"; readonly seed: number; readonly reason: string }
  | { readonly kind: "escaped" };

/** Runs seed after seed, in both modes by turns, until one fails. */
export async function huntInWorker(target: SimulationTarget): Promise<void> {
  const port = parentPort!;
  const tell = (news: HuntNews): void => port.postMessage(news);
  const { maxSeeds } = workerData as Hunt;
  for (let seed = 1; seed <= maxSeeds; seed++) {
    tell({ kind: "seed", seed });
    const { failure } = await target.run(seed, { mode: seed % 2 === 0 ? "safety" : "liveness" });
    if (failure) return tell({ kind: "found", seed, reason: failure.reason });
  }
  tell({ kind: "escaped" });
}
