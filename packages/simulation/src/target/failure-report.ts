import { shrink } from "../swarm/shrink.ts";
import type { SimulationTarget, TargetOptions, TargetResult } from "./simulation-target.ts";

/** What somebody needs who has to mend it. */
export interface FailureReport {
  readonly target: string;
  readonly seed: string | number;
  readonly reason: string;
  /** The line that shows the failure again, with as few faults as were found to do. */
  readonly replay: string;
  /** All of it, as text. */
  readonly text: string;
}

/**
 * Finds the fewest planned faults with which a failing seed still fails, and writes down how to see
 * it again. Runs the target up to `maxRuns` times.
 */
export async function reportFailure(
  target: SimulationTarget,
  seed: string | number,
  options: TargetOptions,
  failed: TargetResult,
  { commit, maxRuns = 60 }: { readonly commit: string; readonly maxRuns?: number },
): Promise<FailureReport> {
  let shown = failed;
  const numbers = failed.plan.map(({ number }) => number);
  const kept = await shrink(
    numbers,
    async (only) => {
      const result = await target.run(seed, { ...options, only });
      if (result.failure) shown = result;
      return result.failure !== undefined;
    },
    maxRuns,
  );
  const { reason, details, diagram } = shown.failure!;
  const isPart = options.only !== undefined || kept.length < numbers.length;
  const only = isPart ? ` --only ${kept.join(",") || "none"}` : "";
  const replay = `pnpm sim ${target.name} --seed ${seed} --mode ${options.mode}${only}`;
  const text = [
    `${target.name} failed: ${reason}`,
    `seed ${seed}, ${options.mode}, commit ${commit}, trace ${shown.traceHash}`,
    `replay: ${replay}`,
    `faults: ${kept.length} of ${numbers.length} suffice`,
    ...shown.plan.map(({ text: fault }) => `  ${fault}`),
    "the last events:",
    diagram,
    details,
  ].join("\n");
  return { target: target.name, seed, reason, replay, text };
}
