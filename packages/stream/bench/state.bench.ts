import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineBench, measured, type Sample } from "@quorate/bench";
import type { CheckpointStore } from "../src/index.ts";
import { createPipeline, fileCheckpoints, fromArray, MemorySink } from "../src/index.ts";
import type { CheckpointLayer } from "../src/core/state/layer.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";

const VALUE_BYTES = 1_000;
const INTERVAL_MS = 10_000;
/** Of all keys: those that change from one checkpoint to the next. */
const CHANGED_SHARE = 0.01;
const BATCH = 1_024;

/**
 * A keyed state of 1 GB (with --quick 100 MB) in memory, a hundredth of which changes between two
 * checkpoints in files: what share of the processor time of 10 s the second one takes, and how long a
 * new process takes until it has the state again. And for how long a chain stands still at a time: at
 * the barrier, or for a piece of the rows that changed (all of them, at the first checkpoint).
 */
export default defineBench(async (options) => {
  const keys = options.runs === 1 ? 100_000 : 1_000_000;
  const size = `${(keys * VALUE_BYTES) / 1e9} GB`;
  const once = { ...options, runs: 1 };
  const results = await inFiles(keys);
  return [
    await measured(once, {
      case: `incremental checkpoint of ${size}, share of a 10-s interval`,
      unit: "%",
      ours: async () => results.checkpoint,
      peers: {},
      goal: ({ ours }) => ({ goal: 10, met: ours < 10 }),
    }),
    await measured(once, {
      case: `stops of the chain at the first checkpoint of ${size}, p99, processor time`,
      unit: "ms",
      ours: async () => results.stop,
      peers: {},
      goal: ({ ours }) => ({ goal: 10, met: ours <= 10 }),
    }),
    await measured(once, {
      case: `recovery of ${size}, processor time`,
      unit: "s",
      ours: async () => results.recovery,
      peers: {},
      goal: ({ ours }) => ({ goal: 10, met: ours < 10 }),
    }),
  ];
});

interface Results {
  readonly stop: Sample;
  readonly checkpoint: Sample;
  readonly recovery: Sample;
}

async function inFiles(keys: number): Promise<Results> {
  const dir = await mkdtemp(join(tmpdir(), "quorate-stream-state-"));
  try {
    const { stop, checkpoint } = await checkpointed(fileCheckpoints({ dir }), keys);
    const before = process.cpuUsage();
    const latest = await fileCheckpoints({ dir }).latest();
    makeJob(latest?.layers ?? []);
    return { stop, checkpoint, recovery: { value: processorMs(before) / 1_000 } };
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function checkpointed(
  store: CheckpointStore,
  keys: number,
): Promise<Pick<Results, "stop" | "checkpoint">> {
  const job = makeJob([]);
  const transactions = new Map();
  push(job, keys);
  const { layer: first, stop } = inPieces(job);
  await store.save({ id: 1, base: undefined, layers: [first], transactions });
  push(job, keys * CHANGED_SHARE);
  const before = process.cpuUsage();
  const layer = job.checkpoint(2);
  await store.save({ id: 2, base: 1, layers: [layer], transactions });
  return { stop, checkpoint: { value: (100 * processorMs(before)) / INTERVAL_MS } };
}

/** The first checkpoint, and how long its pieces took. */
function inPieces(job: Job): { layer: CheckpointLayer; stop: Sample } {
  const stopsMs: number[] = [];
  let before = process.cpuUsage();
  job.barrier(1);
  for (let isAny = true; isAny; isAny = job.encode()) {
    stopsMs.push(processorMs(before));
    before = process.cpuUsage();
  }
  const layer = job.takeLayer(1);
  if (!layer) throw new Error("the barrier did not come through");
  for (const sink of job.sinks.values()) sink.prepared();
  const sorted = stopsMs.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] as number;
  return { layer, stop: { value: at(0.99), p50Ms: at(0.5), p99Ms: at(0.99) } };
}

function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function makeJob(restored: ConstructorParameters<typeof Job>[1]["restored"]): Job {
  const pipeline = createPipeline();
  pipeline
    .from(fromArray<number>([]))
    .named("keys")
    .keyBy((key) => key)
    .process<never>((context) => {
      const value = context.state.value<Uint8Array>("value");
      return { onRecord: (key) => value.set(new Uint8Array(VALUE_BYTES).fill(key)) };
    })
    .named("values")
    .to(new MemorySink<never>(), "sink");
  return new Job(pipeline.graph, {
    codec: v8Codec,
    keyGroups: 128,
    nowMs: 0,
    ...(restored && { restored }),
  });
}

function push(job: Job, keys: number): void {
  const source = job.sources.get("keys");
  for (let from = 0; from < keys; from += BATCH) {
    const length = Math.min(BATCH, keys - from);
    const records = Array.from({ length }, (_, at) => from + at);
    source?.push({ records, position: from + length });
  }
}
