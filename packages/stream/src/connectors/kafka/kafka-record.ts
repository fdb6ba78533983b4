import type { RecordsBatch } from "@platformatic/kafka";

/** A record as a partition has it. Its bytes are shared with others: copy what outlives the call. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[];
}

/** The broker's time instead of the producer's, one for all records of a batch. */
const LOG_APPEND_TIME = 0b1000;

/** The records of a batch from `fromOffset` on: brokers send whole batches. */
export function* recordsOf(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { firstOffset, firstTimestamp, maxTimestamp, attributes, records }: RecordsBatch,
  fromOffset: bigint,
): Generator<KafkaRecord> {
  const baseOffset = Number(firstOffset);
  const baseTimestampMs = Number(firstTimestamp);
  const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
  const skipped = Number(fromOffset) - baseOffset;
  for (const { offsetDelta, timestampDelta, key, value, headers } of records) {
    if (offsetDelta < skipped) continue;
    const offset = baseOffset + offsetDelta;
    const timestampMs = isAppendTime
      ? Number(maxTimestamp)
      : baseTimestampMs + Number(timestampDelta);
    yield { topic, partition, offset, timestampMs, key, value, headers };
  }
}
