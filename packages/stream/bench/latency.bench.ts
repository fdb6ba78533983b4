import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineBench, measured, type Sample } from "@quorate/bench";
import { systemClock } from "@quorate/runtime";
import {
  createPipeline,
  fileCheckpoints,
  runPipeline,
  type Sink,
  type Source,
} from "../src/index.ts";

const EVENTS_PER_MS = 100;
const CHECKPOINT_MS = 5_000;
const KEYS = 10_000;
const WARM_UP_MS = 1_000;

/**
 * From the moment at which an event is due, 100,000 of them a second, to the moment at which the sink
 * has it, through keyed state, with a checkpoint in files each 5 s (goal: p99 of 10 ms).
 */
export default defineBench(async (options) => {
  const runMs = options.runs === 1 ? 6_000 : 12_000;
  return [
    await measured(options, {
      case: "source to sink at 100,000 events/s, p99",
      unit: "ms",
      ours: () => latency(runMs),
      peers: {},
      goal: ({ ours }) => ({ goal: 10, met: ours <= 10 }),
    }),
  ];
});

interface Event {
  readonly key: number;
  readonly dueAtMs: number;
}

async function latency(runMs: number): Promise<Sample> {
  const dir = await mkdtemp(join(tmpdir(), "quorate-stream-latency-"));
  const latencies: number[] = [];
  const pipeline = createPipeline();
  pipeline
    .from(paced(runMs))
    .keyBy(({ key }) => key)
    .reduce((_, event) => event)
    .to(measuring(latencies), "sink");
  await runPipeline(pipeline, {
    checkpoints: fileCheckpoints({ dir }),
    checkpointIntervalMs: CHECKPOINT_MS,
  }).done;
  await rm(dir, { recursive: true });
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] as number;
  return { value: at(0.99), p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Each event is due at its own time; what is due is given out about each millisecond. */
function paced(runMs: number): Source<Event> {
  return {
    async *open() {
      const startMs = systemClock.now();
      let made = 0;
      while (made < runMs * EVENTS_PER_MS) {
        const due = Math.floor((systemClock.now() - startMs) * EVENTS_PER_MS);
        const records: Event[] = [];
        for (; made < due; made++) {
          records.push({ key: (made * 7_919) % KEYS, dueAtMs: startMs + made / EVENTS_PER_MS });
        }
        yield { records, position: made };
        await new Promise<void>((resolve) => systemClock.setTimer(1, resolve));
      }
    },
  };
}

function measuring(latencies: number[]): Sink<Event> {
  const startMs = systemClock.now();
  return {
    recover: () => {},
    open: () => ({
      write: (records) => {
        const nowMs = systemClock.now();
        if (nowMs - startMs < WARM_UP_MS) return;
        for (const { dueAtMs } of records) latencies.push(nowMs - dueAtMs);
      },
      prepare: () => undefined,
      commit: () => {},
    }),
  };
}
