import { fetchV13, type RecordsBatch } from "@platformatic/kafka";
import { StreamError } from "../../stream-error.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { saysAny } from "./kafka-errors.ts";
import type { TopicPartition } from "./offsets.ts";
import { committedBatches } from "./read-committed.ts";

export interface ReadOptions {
  /** Milliseconds that a broker holds a request that finds nothing. */
  readonly maxWaitMs: number;
  /** Bytes of one partition in one answer; a larger batch of records comes alone. */
  readonly maxPartitionBytes: number;
  readonly maxAnswerBytes: number;
  /** Whether records of open and aborted transactions are left out. */
  readonly isReadCommitted: boolean;
}

/** Where a partition is read; the reader moves it on, up to its end. */
export interface PartitionCursor extends TopicPartition {
  offset: bigint;
  /** @default Infinity */
  readonly endOffset?: number;
}

type FetchResponse = Awaited<ReturnType<typeof fetchV13.api.async>>;

export interface Fetched {
  readonly cursor: PartitionCursor;
  /** Where these begin: the first batch may hold records before it. */
  readonly fromOffset: bigint;
  /** Where to read on: also after those that were left out. */
  readonly nextOffset: bigint;
  readonly batches: readonly RecordsBatch[];
}

interface Answer {
  readonly request: number;
  readonly cursors: readonly PartitionCursor[];
  readonly fetched: readonly Fetched[];
}

/**
 * Reads partitions on: a request to each leader, and the next one under way while an answer is
 * worked on, so at most two answers a broker are held.
 */
export class PartitionReader {
  readonly #client: KafkaClient;
  readonly #options: ReadOptions;
  /** Those that nobody waits for. */
  readonly #free: Set<PartitionCursor>;
  readonly #underWay = new Map<number, Promise<Answer>>();
  #requests = 0;

  constructor(client: KafkaClient, cursors: readonly PartitionCursor[], options: ReadOptions) {
    this.#client = client;
    this.#free = new Set(cursors);
    this.#options = options;
  }

  /** What one broker had: nothing, if it had nothing in time; undefined: all are at their ends. */
  async next(): Promise<readonly Fetched[] | undefined> {
    await this.#ask();
    if (this.#underWay.size === 0) return undefined;
    const { request, cursors, fetched } = await Promise.race(this.#underWay.values());
    this.#underWay.delete(request);
    for (const { cursor, nextOffset } of fetched) cursor.offset = nextOffset;
    for (const cursor of cursors) this.#free.add(cursor);
    await this.#ask();
    return fetched;
  }

  /** A request to each leader of partitions that are free. */
  async #ask(): Promise<void> {
    const byLeader = new Map<number, PartitionCursor[]>();
    for (const cursor of this.#free) {
      const { topic, partition } = cursor;
      if (isAtEnd(cursor)) continue;
      const leader = await this.#client.retrying(`leader of ${topic}/${partition}`, () =>
        this.#client.leaderOf(topic, partition),
      );
      const cursors = byLeader.get(leader);
      if (cursors) cursors.push(cursor);
      else byLeader.set(leader, [cursor]);
    }
    this.#free.clear();
    for (const [node, cursors] of byLeader) {
      const request = this.#requests++;
      const answer = this.#fetch(request, node, cursors);
      answer.catch(() => {}); // It is thrown where it is waited for, if it still is.
      this.#underWay.set(request, answer);
    }
  }

  async #fetch(
    request: number,
    node: number,
    cursors: readonly PartitionCursor[],
  ): Promise<Answer> {
    const { maxWaitMs, maxPartitionBytes, maxAnswerBytes, isReadCommitted } = this.#options;
    return this.#client.retrying(`reading ${places(cursors)}`, async () => {
      const byTopic = await this.#ledBy(node, cursors);
      if (byTopic.size === 0) return { request, cursors, fetched: [] };
      const wanted = [...byTopic].map(([topicId, of]) => ({
        topicId,
        partitions: of.map(({ partition, offset }) => ({
          partition,
          currentLeaderEpoch: -1,
          fetchOffset: offset,
          lastFetchedEpoch: -1,
          partitionMaxBytes: maxPartitionBytes,
        })),
      }));
      const connection = await this.#client.connectionTo(node);
      const isolation = isReadCommitted ? 1 : 0;
      try {
        const response = await fetchV13.api.async(
          ...([connection, maxWaitMs, 1, maxAnswerBytes, isolation, 0, -1] as const),
          wanted,
          [],
          "",
        );
        return { request, cursors, fetched: this.#fetched(byTopic, response) };
      } catch (error) {
        if (!saysAny(error, ["OFFSET_OUT_OF_RANGE"])) throw error;
        const text = `what was to be read is not there (any more): ${places(cursors)}`;
        throw new StreamError("position-lost", text, { cause: error });
      }
    });
  }

  /** By topic id, those that this broker leads still: others are asked for anew. */
  async #ledBy(
    node: number,
    cursors: readonly PartitionCursor[],
  ): Promise<Map<string, PartitionCursor[]>> {
    const byTopic = new Map<string, PartitionCursor[]>();
    for (const cursor of cursors) {
      if ((await this.#client.leaderOf(cursor.topic, cursor.partition)) !== node) continue;
      const { id } = await this.#client.topic(cursor.topic);
      const of = byTopic.get(id);
      if (of) of.push(cursor);
      else byTopic.set(id, [cursor]);
    }
    return byTopic;
  }

  #fetched(
    byTopic: ReadonlyMap<string, readonly PartitionCursor[]>,
    { responses }: FetchResponse,
  ): readonly Fetched[] {
    return responses.flatMap(({ topicId, partitions }) =>
      partitions.flatMap(({ partitionIndex, records = [], abortedTransactions }) => {
        const last = records.at(-1);
        const cursor = byTopic.get(topicId)?.find(({ partition }) => partition === partitionIndex);
        if (!last || !cursor) return [];
        const aborted = this.#options.isReadCommitted ? abortedTransactions : [];
        const batches = [...committedBatches(records, aborted)];
        const nextOffset = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
        return [{ cursor, fromOffset: cursor.offset, nextOffset, batches }];
      }),
    );
  }
}

function places(cursors: readonly PartitionCursor[]): string {
  return cursors
    .map(({ topic, partition, offset }) => `${topic}/${partition} at ${offset}`)
    .join(", ");
}

export function isAtEnd({ offset, endOffset = Infinity }: PartitionCursor): boolean {
  return Number(offset) >= endOffset;
}
