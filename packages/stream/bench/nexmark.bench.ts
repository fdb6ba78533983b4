import { defineBench, measured, type Row, type Run, type Sample } from "@quorate/bench";
import type { NexmarkEvent } from "../nexmark/events.ts";
import { NexmarkGenerator } from "../nexmark/generator.ts";
import { q0 } from "../nexmark/queries/q0.ts";
import { q1 } from "../nexmark/queries/q1.ts";
import { q2 } from "../nexmark/queries/q2.ts";
import { q3 } from "../nexmark/queries/q3.ts";
import { q4 } from "../nexmark/queries/q4.ts";
import { q5 } from "../nexmark/queries/q5.ts";
import { q7 } from "../nexmark/queries/q7.ts";
import { q8 } from "../nexmark/queries/q8.ts";
import { q9 } from "../nexmark/queries/q9.ts";
import { q11 } from "../nexmark/queries/q11.ts";
import { q18 } from "../nexmark/queries/q18.ts";
import {
  boundedDisorder,
  createPipeline,
  type DataStream,
  fromArray,
  MemorySink,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";

/** A job that is pushed batches, and then ended. */
interface Running {
  push(events: readonly NexmarkEvent[]): void;
  checkpoint(): void;
  end(): void;
}

interface Query {
  readonly name: string;
  readonly goal: number;
  /** M events/s a core that nexmark-flink publishes. */
  readonly flink?: number;
  readonly start: () => Running;
}

const BATCH = 1_024;
const BATCHES = 480;
/** As a job takes one every 10 s; a run that is shorter has one, when it has most state. */
const CHECKPOINT_EVERY_MS = 10_000;
const WATERMARK_EVERY_MS = 100;
const FLINK = "Flink per core, published, serialisation included";

const queries: readonly Query[] = [
  { name: "q0, pass through", goal: 5, flink: 0.378, start: () => running(q0) },
  { name: "q1, currency", goal: 4, start: () => running(q1) },
  { name: "q2, selection", goal: 5, start: () => running(q2) },
  { name: "q3, local items", goal: 0.8, flink: 0.15, start: () => running(q3) },
  { name: "q4, category prices", goal: 0.3, flink: 0.03, start: () => running(q4) },
  { name: "q5, hot items", goal: 0.3, flink: 0.075, start: () => running(q5) },
  { name: "q7, highest bid", goal: 0.5, flink: 0.023, start: () => running(q7) },
  { name: "q8, new sellers", goal: 0.8, flink: 0.16, start: () => running(q8) },
  { name: "q9, winning bids", goal: 0.2, flink: 0.014, start: () => running(q9) },
  { name: "q11, user sessions", goal: 0.4, flink: 0.04, start: () => running(q11) },
  { name: "q18, last bid", goal: 0.5, flink: 0.05, start: () => running(q18) },
];

/**
 * Nexmark on one thread, 10,000 events a second of event time, in memory, checkpoints on: M events per
 * second of processor time, since others use the machine. All queries run in one process, as a service
 * with many pipelines does. Flink's figures are read, not measured here.
 */
export default defineBench(async (options) => {
  const inMemory = batchesOf(new NexmarkGenerator());
  const encoder = new TextEncoder();
  const bytes = inMemory
    .slice(0, options.quick ? 48 : 240)
    .map((batch) => batch.map((event) => encoder.encode(JSON.stringify(event))));
  const rows: (Row | undefined)[] = [];
  for (const { name, goal, flink, start } of queries) {
    const peers: Record<string, Run> = {};
    if (flink !== undefined) peers[FLINK] = async () => ({ value: flink });
    rows.push(
      await measured(options, {
        case: `Nexmark ${name}`,
        unit: "M/s",
        ours: async () => timed(start(), inMemory, (events) => events),
        peers,
        goal: ({ ours }) => ({ goal, met: ours >= goal }),
      }),
      await measured(options, {
        case: `Nexmark ${name}, from JSON bytes`,
        unit: "M/s",
        ours: async () => timed(start(), bytes, parsed),
        peers,
      }),
    );
  }
  return rows;
});

function batchesOf(generator: NexmarkGenerator): readonly (readonly NexmarkEvent[])[] {
  return Array.from({ length: BATCHES }, (_, at) => [
    ...generator.events(at * BATCH, (at + 1) * BATCH),
  ]);
}

const decoder = new TextDecoder();

function parsed(batch: readonly Uint8Array[]): readonly NexmarkEvent[] {
  return batch.map((bytes) => JSON.parse(decoder.decode(bytes)) as NexmarkEvent);
}

function timed<Batch>(
  job: Running,
  batches: readonly Batch[],
  eventsOf: (batch: Batch) => readonly NexmarkEvent[],
): Sample {
  const before = process.cpuUsage();
  let checkpointAtMs = CHECKPOINT_EVERY_MS;
  for (const batch of batches) {
    job.push(eventsOf(batch));
    if (processorMs(before) < checkpointAtMs) continue;
    checkpointAtMs += CHECKPOINT_EVERY_MS;
    job.checkpoint();
  }
  job.checkpoint();
  job.end();
  return { value: (batches.length * BATCH) / processorMs(before) / 1_000 };
}

function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function running<Out>(query: (events: DataStream<NexmarkEvent>) => DataStream<Out>): Running {
  const pipeline = createPipeline();
  const watermarks = boundedDisorder<NexmarkEvent>(({ dateTimeMs }) => dateTimeMs, 0, {
    everyMs: WATERMARK_EVERY_MS,
  });
  query(pipeline.from(fromArray<NexmarkEvent>([]), { watermarks }).named("events")).to(
    new MemorySink<Out>(),
    "answer",
  );
  const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 128, nowMs: 0 });
  const source = job.sources.get("events");
  const sink = job.sinks.get("answer");
  if (!source || !sink) throw new Error("the pipeline has no such source or sink");
  const goOn = (): void => {
    while (!sink.isEmpty || source.isBusy) {
      sink.drain();
      job.goOn();
    }
  };
  let checkpoints = 0;
  let batches = 0;
  return {
    push(records) {
      job.push(source, { records, position: ++batches });
      goOn();
    },
    checkpoint: () => void job.checkpoint(++checkpoints),
    end() {
      job.end(source);
      goOn();
    },
  };
}
