import type { CheckpointLayer } from "../src/core/state/layer.ts";
import { Job } from "../src/job.ts";
import type { SimulatedProgram } from "./simulated-program.ts";
import { textCodec } from "./text-codec.ts";

/** What is wrong with the state at the end of all event time: operators that forget have none. */
export function stateLeft(
  program: SimulatedProgram,
  layers: readonly CheckpointLayer[],
): string | undefined {
  const { graph } = program.build({
    sources: program.data.sources.map(() => ({ open: () => [] })),
    sinks: Array.from({ length: program.sinks }, () => NOWHERE),
    throws: () => false,
    fail: () => {},
    firedTimer: () => {},
    clock: { now: () => 0, wallTime: () => 0, setTimer: () => ({ cancel: () => {} }) },
    callMs: () => 0,
  });
  const { keyGroups } = program.data;
  const job = new Job(graph, { codec: textCodec, keyGroups, nowMs: 0, restored: layers });
  const counts = job.counts();
  for (const id of program.branches.flatMap(({ forgets }) => forgets)) {
    const state = counts.get(id)?.state;
    if (!state || state.rows > 0) return `${id} is left with ${JSON.stringify(state)}`;
  }
  return undefined;
}

const NOWHERE = {
  recover: () => {},
  open: () => ({ write: () => {}, prepare: () => undefined, commit: () => {} }),
};
