import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineBench, measured, type Sample } from "@quorate/bench";
import { systemClock } from "@quorate/runtime";
import type { CheckpointStore } from "../src/index.ts";
import { createPipeline, fileCheckpoints, fromArray, MemorySink } from "../src/index.ts";
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
 * new process takes until it has the state again.
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
      case: `recovery of ${size}, processor time`,
      unit: "s",
      ours: async () => results.recovery,
      peers: {},
      goal: ({ ours }) => ({ goal: 10, met: ours < 10 }),
    }),
  ];
});

async function inFiles(keys: number): Promise<{ checkpoint: Sample; recovery: Sample }> {
  const dir = await mkdtemp(join(tmpdir(), "quorate-stream-state-"));
  try {
    const checkpoint = await checkpointed(fileCheckpoints({ dir }), keys);
    const before = process.cpuUsage();
    const latest = await fileCheckpoints({ dir }).latest();
    makeJob(latest?.layers ?? []);
    const { user, system } = process.cpuUsage(before);
    return { checkpoint, recovery: { value: (user + system) / 1e6 } };
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function checkpointed(store: CheckpointStore, keys: number): Promise<Sample> {
  const job = makeJob([]);
  const transactions = new Map();
  push(job, keys);
  await store.save({ id: 1, base: undefined, layers: [job.checkpoint(1)], transactions });
  push(job, keys * CHANGED_SHARE);
  const before = process.cpuUsage();
  const startedAtMs = systemClock.now();
  const layer = job.checkpoint(2);
  const stopMs = systemClock.now() - startedAtMs;
  await store.save({ id: 2, base: 1, layers: [layer], transactions });
  const { user, system } = process.cpuUsage(before);
  return { value: (100 * (user + system)) / 1_000 / INTERVAL_MS, p50Ms: stopMs, p99Ms: stopMs };
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
