import type { Batch, Sink, Source } from "../../../src/index.ts";
import { type KafkaRecord, kafkaSink, kafkaSource } from "../../../src/connectors/kafka/index.ts";

const context = { id: "source", subtask: 0, subtasks: 1 };

/** Sources of text that end where the topic does. */
export function textsOf(
  broker: string,
  topic: string,
  isolation: "committed" | "uncommitted" = "committed",
): Source<string> {
  const decode = ({ value }: KafkaRecord): string => String(value);
  return kafkaSource({ brokers: [broker], topics: [topic], decode, until: "end", isolation });
}

/** All batches from some positions on, until the source ends. */
export async function batchesOf<T>(
  source: Source<T>,
  positions: ReadonlyMap<string, unknown> = new Map(),
): Promise<readonly Batch<T>[]> {
  const { signal } = new AbortController();
  const batches: Batch<T>[] = [];
  for await (const batch of await source.open({ ...context, positions, signal }))
    batches.push(batch);
  return batches;
}

/** The records of a topic that readers of committed ones see. */
export async function contentOf(broker: string, topic: string): Promise<readonly string[]> {
  const batches = await batchesOf(textsOf(broker, topic));
  return batches.flatMap(({ records }) => records);
}

/** Writes texts at once, to one partition. */
export async function fill(
  broker: string,
  topic: string,
  texts: readonly string[],
  partition = 0,
): Promise<void> {
  const writer = await plainSink(broker, topic, partition).open(context);
  await writer.write(texts);
  await writer.close?.();
}

function plainSink(broker: string, topic: string, partition: number): Sink<string> {
  return kafkaSink<string>({ brokers: [broker], topic, encode: (value) => ({ value, partition }) });
}
