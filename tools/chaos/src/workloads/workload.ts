import type { Random } from "@quorate/runtime";
import type { ChaosCluster } from "../chaos-cluster.ts";

/** What clients do while faults are injected, and how it is found out whether they were served well. */
export interface Workload<R> {
  /** Resolves when all that was begun before `signal` aborted has ended. */
  run(signal: AbortSignal): Promise<void>;
  /** After `run`, once all is healed: what came of it. Waits a limited time for the cluster. */
  finish(): Promise<R>;
  /** Ends what is under way still, also without `finish`. */
  stop(): Promise<void>;
}

export interface WorkloadWorld {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  /** Numbers calls and returns, of all workloads in one sequence. */
  readonly now: () => number;
  /** Told when an operation begins. */
  readonly onOperation: () => void;
}
