import { parentPort, workerData } from "node:worker_threads";
import type { SimulationTarget } from "@quorate/simulation";

/** What the worker is told. */
export interface Hunt {
  /** As of `pnpm sim <target> --seed`. */
  readonly firstSeed: number;
  /** How many are tried. */
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
  const { firstSeed, maxSeeds } = workerData as Hunt;
  for (let seed = firstSeed; seed < firstSeed + maxSeeds; seed++) {
    tell({ kind: "seed", seed });
    const { failure } = await target.run(seed, { mode: seed % 2 === 0 ? "safety" : "liveness" });
    if (failure) return tell({ kind: "found", seed, reason: failure.reason });
  }
  tell({ kind: "escaped" });
}
