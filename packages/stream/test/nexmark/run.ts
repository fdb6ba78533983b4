import type { NexmarkEvent } from "../../nexmark/events.ts";
import { NexmarkGenerator } from "../../nexmark/generator.ts";
import {
  boundedDisorder,
  createPipeline,
  type DataStream,
  fromArray,
  MemorySink,
  runForTest,
  type TestRunOptions,
} from "../../src/index.ts";

/** 100 s of event time: some windows of 10 s. */
export const EVENTS: readonly NexmarkEvent[] = [
  ...new NexmarkGenerator({ eventsPerSecond: 1_000 }).events(0, 100_000),
];

export type Query<Out> = (events: DataStream<NexmarkEvent>) => DataStream<Out>;

export async function answer<Out>(
  query: Query<Out>,
  options: TestRunOptions = {},
): Promise<readonly Out[]> {
  const sink = new MemorySink<Out>();
  const pipeline = createPipeline();
  const watermarks = boundedDisorder<NexmarkEvent>(({ dateTimeMs }) => dateTimeMs, 0);
  query(pipeline.from(fromArray(EVENTS), { watermarks })).to(sink, "answer");
  await runForTest(pipeline, options);
  return sink.committed;
}

/** Crashes between two checkpoints in the middle, and once more between the phases of one. */
export const CRASHES: TestRunOptions = {
  checkpointEvery: 20,
  crashes: [
    { afterBatches: 53, at: "batch" },
    { afterBatches: 20, at: "before-commit" },
  ],
};
