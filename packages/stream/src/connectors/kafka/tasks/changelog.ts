import type { Change } from "../../../core/state/changelog.ts";
import { KafkaClient } from "../kafka-client.ts";
import type { KafkaOptions } from "../kafka-options.ts";
import { recordsOf } from "../kafka-record.ts";
import { EARLIEST, LATEST, offsetAt } from "../offsets.ts";
import { PartitionReader } from "../partition-reader.ts";
import type { OutgoingRecord } from "../producer.ts";

const LIMITS = {
  maxWaitMs: 100,
  maxPartitionBytes: 2 ** 22,
  maxAnswerBytes: 2 ** 23,
  isReadCommitted: true,
};

/** All that a partition of a changelog holds, in order. Nobody may be writing to it. */
export async function readChangelog(
  options: KafkaOptions,
  topic: string,
  partition: number,
): Promise<readonly Change[]> {
  const client = new KafkaClient(options);
  try {
    const split = { topic, partition };
    const offset = BigInt(await offsetAt(client, split, EARLIEST));
    const cursor = { ...split, offset, endOffset: await offsetAt(client, split, LATEST) };
    const reader = new PartitionReader(client, [cursor], LIMITS);
    const changes: Change[] = [];
    for (let fetched = await reader.next(); fetched; fetched = await reader.next()) {
      for (const { batches, fromOffset } of fetched) {
        for (const batch of batches) {
          for (const { key, value } of recordsOf(split, batch, fromOffset)) {
            changes.push({ key: String(key), value });
          }
        }
      }
    }
    return changes;
  } finally {
    await client.close();
  }
}

export function changelogRecord(
  topic: string,
  partition: number,
  { key, value }: Change,
): OutgoingRecord {
  // The type knows no tombstone; the wire format does.
  const bytes = value === null ? (null as unknown as Buffer) : Buffer.from(value);
  return { topic, partition, key: Buffer.from(key), value: bytes };
}
