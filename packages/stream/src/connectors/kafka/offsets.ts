import { listOffsetsV7, offsetCommitV8, offsetFetchV8 } from "@platformatic/kafka";
import type { KafkaClient } from "./kafka-client.ts";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

const READ_COMMITTED = 1;
/** ListOffsets takes these for times. */
export const EARLIEST = -2;
export const LATEST = -1;

/** The first offset at or after a time, or the end; of committed records only. */
export async function offsetAt(
  client: KafkaClient,
  { topic, partition }: TopicPartition,
  timeMs: number,
): Promise<number> {
  const offset = await client.retrying(`offset of ${topic}/${partition}`, async () => {
    const connection = await client.connectionTo(await client.leaderOf(topic, partition));
    const wanted = { partitionIndex: partition, currentLeaderEpoch: -1, timestamp: BigInt(timeMs) };
    const topics = [{ name: topic, partitions: [wanted] }];
    const answer = await listOffsetsV7.api.async(connection, -1, READ_COMMITTED, topics);
    return Number(answer.topics[0]?.partitions[0]?.offset);
  });
  // No record is as late as that.
  return offset < 0 ? offsetAt(client, { topic, partition }, LATEST) : offset;
}

export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

/** What a group has committed; undefined: nothing. Offsets of open transactions do not count. */
export async function committedOffset(
  client: KafkaClient,
  group: string,
  { topic, partition }: TopicPartition,
): Promise<CommittedOffset | undefined> {
  return client.retrying(`committed offset of ${group}`, async () => {
    const connection = await client.coordinatorOf("GROUP", group);
    const topics = [{ name: topic, partitionIndexes: [partition] }];
    const wanted = [{ groupId: group, memberId: null, memberEpoch: -1, topics }];
    const answer = await offsetFetchV8.api.async(connection, wanted, false);
    const found = answer.groups[0]?.topics[0]?.partitions[0];
    if (!found || found.committedOffset < 0n) return undefined;
    return { offset: Number(found.committedOffset), metadata: found.metadata ?? "" };
  });
}

/** Offsets to read on at, by topic and partition, as the protocol wants them. */
export function offsetsByTopic(
  offsets: ReadonlyMap<TopicPartition, number>,
  metadata: string | null = null,
): OffsetsOfTopic[] {
  const topics = new Map<string, OffsetsOfTopic>();
  for (const [{ topic, partition }, offset] of offsets) {
    let entry = topics.get(topic);
    if (!entry) topics.set(topic, (entry = { name: topic, partitions: [] }));
    entry.partitions.push({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    });
  }
  return [...topics.values()];
}

interface OffsetsOfTopic {
  readonly name: string;
  readonly partitions: {
    readonly partitionIndex: number;
    readonly committedOffset: bigint;
    readonly committedLeaderEpoch: number;
    readonly committedMetadata: string | null;
  }[];
}

/** Of a group without members: for its lag to be seen. */
export async function commitOffsets(
  client: KafkaClient,
  group: string,
  offsets: ReadonlyMap<TopicPartition, number>,
): Promise<void> {
  await client.retrying(`committing offsets of ${group}`, async () => {
    const connection = await client.coordinatorOf("GROUP", group);
    await offsetCommitV8.api.async(connection, group, -1, "", null, offsetsByTopic(offsets));
  });
}
