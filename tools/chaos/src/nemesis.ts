import { integerBetween, type Random, shuffled } from "@quorate/runtime";
import type { FaultName } from "./arguments.ts";
import type { ChaosCluster } from "./chaos-cluster.ts";
import type { Fault } from "./faults/fault.ts";
import { pause } from "./pause.ts";

/** How long the cluster is left alone, and how long a fault lasts. */
const QUIET_MS = { min: 1_000, max: 3_000 };
const FAULT_MS = { min: 500, max: 4_000 };

export interface NemesisOptions {
  readonly cluster: ChaosCluster;
  /** Those that this machine can do. */
  readonly faults: Readonly<Partial<Record<FaultName, Fault>>>;
  readonly random: Random;
  /** Told when a fault begins. */
  readonly onFault: (name: FaultName) => void;
}

/**
 * Injects one fault after the other, with quiet times between, until `signal` aborts; then heals.
 * Each kind comes once in a round, in an order drawn for the round. What is drawn depends on the seed
 * alone; what it hits, and what comes of it, on the machine too.
 */
export async function runNemesis(options: NemesisOptions, signal: AbortSignal): Promise<void> {
  const { cluster, random, onFault } = options;
  const faults = Object.entries(options.faults) as [FaultName, Fault][];
  if (faults.length === 0) return;
  for (let round = 0; ; round++) {
    const inRound = random.fork(`round ${round}`);
    for (const [name, fault] of shuffled(inRound, faults)) {
      await pause(integerBetween(inRound, QUIET_MS.min, QUIET_MS.max), signal);
      if (signal.aborted) return;
      onFault(name);
      const heal = await fault.inject({ cluster, random: inRound.fork(name), signal });
      await pause(integerBetween(inRound, FAULT_MS.min, FAULT_MS.max), signal);
      await heal();
    }
  }
}
