import type { Clock } from "@quorate/runtime";
import type { Batch, Source, SourceContext, SourceReader } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { decodeAll, type OnInvalid } from "../decoding.ts";
import { KafkaClient } from "./kafka-client.ts";
import { checkAbove, type KafkaOptions } from "./kafka-options.ts";
import { type KafkaRecord, recordsOf } from "./kafka-record.ts";
import {
  committedOffset,
  commitOffsets,
  EARLIEST,
  LATEST,
  offsetAt,
  type TopicPartition,
} from "./offsets.ts";
import {
  type Fetched,
  isAtEnd,
  type PartitionCursor,
  PartitionReader,
} from "./partition-reader.ts";

export interface KafkaSourceOptions<T> extends KafkaOptions {
  readonly topics: readonly string[];
  readonly decode: (record: KafkaRecord) => T;
  /** @default the source fails with `invalid-record`, which says where */
  readonly onInvalid?: OnInvalid<KafkaRecord>;
  /**
   * Where partitions begin that the checkpoint does not know. `committed`: where `group` is, or at the
   * earliest; a time: at the first record that is not before it.
   *
   * @default "earliest"
   */
  readonly from?: "earliest" | "latest" | "committed" | { readonly timeMs: number };
  /** `end`: the source ends where the partitions end when it is opened. @default "never" */
  readonly until?: "never" | "end";
  /**
   * Offsets are committed to this group after each checkpoint, for tools that show its lag. What is
   * read goes by the checkpoint, never by them.
   */
  readonly group?: string;
  /** `uncommitted` also reads open and aborted transactions. @default "committed" */
  readonly isolation?: "committed" | "uncommitted";
  /** Which partitions, of each topic. @default all */
  readonly partitions?: readonly number[];
  /** Milliseconds that a broker holds a request that finds nothing. @default 500 */
  readonly maxWaitMs?: number;
  /** Bytes of one partition in one answer, from 1. @default 1 MiB */
  readonly maxPartitionBytes?: number;
  /** Bytes of an answer; two a broker are held at most. @default 8 MiB */
  readonly maxAnswerBytes?: number;
}

/**
 * Topics, each partition a split (`orders/3`) with its offset as position and a watermark of its own.
 * Partitions are dealt out to the subtasks by their number. Those that a topic gets later are read
 * after the next restart. A partition without records holds the watermark back until it is idle
 * (`idleAfterMs` of the watermarks).
 */
export function kafkaSource<T>(
  options: KafkaSourceOptions<T>,
  { clock }: { readonly clock?: Clock } = {},
): Source<T> {
  return new KafkaSource(options, clock);
}

export class KafkaSource<T> implements Source<T> {
  readonly topics: readonly string[];
  readonly #options: KafkaSourceOptions<T>;
  readonly #clock: Clock | undefined;

  constructor(options: KafkaSourceOptions<T>, clock: Clock | undefined) {
    const { topics, from = "earliest", group, maxPartitionBytes, maxAnswerBytes } = options;
    if (topics.length === 0) throw new StreamError("invalid-option", "topics is empty");
    if (from === "committed" && !group) {
      throw new StreamError("invalid-option", 'from: "committed" needs a group');
    }
    checkAbove("maxPartitionBytes", maxPartitionBytes ?? 1, 0);
    checkAbove("maxAnswerBytes", maxAnswerBytes ?? 1, 0);
    this.topics = topics;
    this.#options = options;
    this.#clock = clock;
  }

  async open(context: SourceContext): Promise<SourceReader<T>> {
    const client = new KafkaClient(this.#options, this.#clock);
    try {
      const cursors = await openCursors(client, this.#options, context);
      return new KafkaReader(this.#options, context, client, cursors, this.#clock);
    } catch (error) {
      await client.close();
      throw error;
    }
  }
}

function splitName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** Those of this subtask, where the checkpoint or `from` say. */
async function openCursors<T>(
  client: KafkaClient,
  options: KafkaSourceOptions<T>,
  { positions, subtask, subtasks }: SourceContext,
): Promise<readonly PartitionCursor[]> {
  const all: TopicPartition[] = [];
  for (const topic of options.topics) {
    const found = await client.retrying(`partitions of ${topic}`, () => client.topic(topic));
    const partitions = options.partitions ?? found.partitions.keys();
    for (const partition of partitions) all.push({ topic, partition });
  }
  const own = all.filter((_, at) => at % subtasks === subtask);
  return Promise.all(
    own.map(async (split) => {
      const known = positions.get(splitName(split)) as number | undefined;
      const offset = BigInt(known ?? (await startOf(client, options, split)));
      if (options.until !== "end") return { ...split, offset };
      return { ...split, offset, endOffset: await offsetAt(client, split, LATEST) };
    }),
  );
}

async function startOf<T>(
  client: KafkaClient,
  { from = "earliest", group }: KafkaSourceOptions<T>,
  split: TopicPartition,
): Promise<number> {
  if (typeof from === "object") return offsetAt(client, split, from.timeMs);
  const committed =
    from === "committed" ? await committedOffset(client, group as string, split) : undefined;
  return committed?.offset ?? offsetAt(client, split, from === "latest" ? LATEST : EARLIEST);
}

class KafkaReader<T> implements AsyncIterable<Batch<T>> {
  readonly #options: KafkaSourceOptions<T>;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => void this.#close();
  readonly #client: KafkaClient;
  readonly #cursors: readonly PartitionCursor[];
  readonly #clock: Clock | undefined;
  /** Not the one that waits for records. */
  #committing: KafkaClient | undefined;

  constructor(
    options: KafkaSourceOptions<T>,
    context: SourceContext,
    client: KafkaClient,
    cursors: readonly PartitionCursor[],
    clock: Clock | undefined,
  ) {
    this.#options = options;
    this.#signal = context.signal;
    this.#client = client;
    this.#signal.addEventListener("abort", this.#onAbort);
    this.#cursors = cursors;
    this.#clock = clock;
  }

  /** An iterator that closes its client, also if nothing was asked of it. */
  [Symbol.asyncIterator](): AsyncIterator<Batch<T>, void> {
    const batches = this.#batches();
    return {
      next: () => batches.next(),
      return: async () => {
        await this.#close();
        return { done: true, value: undefined };
      },
    };
  }

  async checkpointed(positions: ReadonlyMap<string, unknown>): Promise<void> {
    const { group } = this.#options;
    if (!group) return;
    this.#committing ??= new KafkaClient(this.#options, this.#clock);
    const offsets = new Map<TopicPartition, number>();
    for (const cursor of this.#cursors) {
      const position = positions.get(splitName(cursor));
      if (position !== undefined) offsets.set(cursor, position as number);
    }
    await commitOffsets(this.#committing, group, offsets);
  }

  async *#batches(): AsyncGenerator<Batch<T>, void> {
    try {
      for (const cursor of this.#cursors) {
        const position = Number(cursor.offset);
        yield { records: [], split: splitName(cursor), position, isLast: isAtEnd(cursor) };
      }
      yield* this.#read();
    } catch (error) {
      if (!this.#client.isClosed) throw error;
    } finally {
      await this.#close();
    }
  }

  async *#read(): AsyncGenerator<Batch<T>, void> {
    const {
      maxWaitMs = 500,
      maxPartitionBytes = 2 ** 20,
      maxAnswerBytes = 2 ** 23,
    } = this.#options;
    const isReadCommitted = this.#options.isolation !== "uncommitted";
    const limits = { maxWaitMs, maxPartitionBytes, maxAnswerBytes, isReadCommitted };
    const reader = new PartitionReader(this.#client, this.#cursors, limits);
    let fetched = await reader.next();
    while (fetched && !this.#client.isClosed) {
      for (const one of fetched) yield this.#batch(one);
      fetched = await reader.next();
    }
  }

  async #close(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#onAbort);
    await this.#client.close();
    await this.#committing?.close();
  }

  #batch(fetched: Fetched): Batch<T> {
    const { decode, onInvalid } = this.#options;
    const { cursor } = fetched;
    const { endOffset = Infinity } = cursor;
    const position = Math.min(Number(fetched.nextOffset), endOffset);
    const placeOf = (record: KafkaRecord): string => `${splitName(cursor)} at ${record.offset}`;
    const records = decodeAll(recordsBefore(fetched, endOffset), decode, placeOf, onInvalid);
    return { records, split: splitName(cursor), position, isLast: position >= endOffset };
  }
}

function* recordsBefore(
  { cursor, batches, fromOffset }: Fetched,
  endOffset: number,
): Generator<KafkaRecord> {
  for (const batch of batches) {
    for (const record of recordsOf(cursor, batch, fromOffset)) {
      if (record.offset < endOffset) yield record;
    }
  }
}
