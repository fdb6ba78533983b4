import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  type CompressionAlgorithmValue,
  type MessageRecord,
  NumericMap,
  produceV9,
  txnOffsetCommitV3,
} from "@platformatic/kafka";
import type { KafkaClient } from "./kafka-client.ts";
import { offsetsByTopic, type TopicPartition } from "./offsets.ts";
import { endTransaction, startProducer, type TransactionName } from "./transactions.ts";

export interface ProducerOptions {
  /** Without one, records are visible at once. */
  readonly transactionalId?: string;
  /** Milliseconds after which a broker aborts a transaction that is open still. */
  readonly transactionTimeoutMs: number;
  readonly compression: CompressionAlgorithmValue;
  /** Bytes of keys and values in one request. */
  readonly maxRequestBytes: number;
}

/** A record with its partition. */
export type OutgoingRecord = MessageRecord & { readonly partition: number };

export interface GroupMember {
  readonly group: string;
  /** Empty and -1: of a group without members. */
  readonly memberId: string;
  readonly generation: number;
}

/** Sequence numbers are 31 bits and begin again at 0. */
const SEQUENCE_MASK = 0x7fff_ffff;
const ALL_REPLICAS = -1;

/**
 * Writes records to all replicas, each once however often a request is repeated (KIP-98): one request
 * a broker at a time, numbered by partition.
 */
export class Producer {
  readonly #client: KafkaClient;
  readonly #options: ProducerOptions;
  readonly #sequences = new NumericMap();
  /** In the open transaction. */
  readonly #partitions = new Set<string>();
  #id: Omit<TransactionName, "transactionalId"> | undefined;
  #isOpen = false;

  constructor(client: KafkaClient, options: ProducerOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Whether something was sent in a transaction that has not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Of the open transaction. */
  get name(): TransactionName {
    const { transactionalId = "" } = this.#options;
    return { transactionalId, ...this.#started };
  }

  /** Must be called once, first: fences whoever has the transactional id. */
  async start(): Promise<void> {
    const { transactionalId = null, transactionTimeoutMs } = this.#options;
    this.#id = await startProducer(this.#client, transactionalId, transactionTimeoutMs);
  }

  /** When it resolves, all of them are with all replicas. */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    for (const chunk of chunks(records, this.#options.maxRequestBytes)) {
      const byTopic = grouped(chunk);
      if (this.#options.transactionalId !== undefined) await this.#addPartitions(byTopic);
      await this.#produce(byTopic);
    }
  }

  /** In the transaction: these offsets become the group's when it is committed. */
  async sendOffsets(
    { group, memberId, generation }: GroupMember,
    offsets: ReadonlyMap<TopicPartition, number>,
    metadata: string | null = null,
  ): Promise<void> {
    const { transactionalId, producerId, epoch } = this.name;
    const id = BigInt(producerId);
    this.#isOpen = true;
    await this.#client.retrying(`adding ${group} to ${transactionalId}`, async () => {
      const connection = await this.#client.coordinatorOf("TRANSACTION", transactionalId);
      await addOffsetsToTxnV3.api.async(connection, transactionalId, id, epoch, group);
    });
    await this.#client.retrying(`offsets of ${group} in ${transactionalId}`, async () => {
      const connection = await this.#client.coordinatorOf("GROUP", group);
      await txnOffsetCommitV3.api.async(
        ...([connection, transactionalId, group, id, epoch, generation, memberId, null] as const),
        offsetsByTopic(offsets, metadata),
      );
    });
  }

  async end(how: "commit" | "abort"): Promise<void> {
    await endTransaction(this.#client, this.name, how);
    this.ended();
  }

  /** The transaction was ended by its name. */
  ended(): void {
    this.#partitions.clear();
    this.#isOpen = false;
  }

  async #addPartitions(byTopic: ByTopic): Promise<void> {
    const added: { readonly name: string; readonly partitions: number[] }[] = [];
    for (const [name, byPartition] of byTopic) {
      const partitions = [...byPartition.keys()].filter(
        (partition) => !this.#partitions.has(`${name}/${partition}`),
      );
      if (partitions.length > 0) added.push({ name, partitions });
    }
    if (added.length === 0) return;
    const { transactionalId, producerId, epoch } = this.name;
    const id = { transactionalId, producerId: BigInt(producerId), producerEpoch: epoch };
    this.#isOpen = true;
    await this.#client.retrying(`adding partitions to ${transactionalId}`, async () => {
      const connection = await this.#client.coordinatorOf("TRANSACTION", transactionalId);
      const transactions = [{ ...id, topics: added, verifyOnly: false }];
      await addPartitionsToTxnV3.api.async(connection, transactions);
    });
    for (const { name, partitions } of added) {
      for (const partition of partitions) this.#partitions.add(`${name}/${partition}`);
    }
  }

  /** A request to each leader; the numbers move on when all have answered. */
  async #produce(byTopic: ByTopic): Promise<void> {
    await this.#client.retrying(`producing to ${[...byTopic.keys()].join(", ")}`, async () => {
      const byLeader = new Map<number, OutgoingRecord[]>();
      for (const [topic, byPartition] of byTopic) {
        for (const [partition, records] of byPartition) {
          const leader = await this.#client.leaderOf(topic, partition);
          byLeader.set(leader, [...(byLeader.get(leader) ?? []), ...records]);
        }
      }
      await Promise.all([...byLeader].map(([node, records]) => this.#request(node, records)));
    });
    for (const [topic, byPartition] of byTopic) {
      for (const [partition, { length }] of byPartition) {
        // What the client looks a number up by.
        const split = `${topic}:${partition}`;
        const sequence = this.#sequences.getWithDefault(split, 0);
        this.#sequences.set(split, (sequence + length) & SEQUENCE_MASK);
      }
    }
  }

  async #request(node: number, records: OutgoingRecord[]): Promise<void> {
    const { transactionalId, compression, transactionTimeoutMs } = this.#options;
    const { producerId, epoch } = this.#started;
    const connection = await this.#client.connectionTo(node);
    await produceV9.api.async(connection, ALL_REPLICAS, transactionTimeoutMs, records, {
      compression,
      producerId: BigInt(producerId),
      producerEpoch: epoch,
      sequences: this.#sequences,
      ...(transactionalId !== undefined && { transactionalId }),
    });
  }

  get #started(): Omit<TransactionName, "transactionalId"> {
    if (!this.#id) throw new Error("the producer was not started");
    return this.#id;
  }
}

type ByTopic = ReadonlyMap<string, ReadonlyMap<number, readonly OutgoingRecord[]>>;

function grouped(records: readonly OutgoingRecord[]): ByTopic {
  const byTopic = new Map<string, Map<number, OutgoingRecord[]>>();
  for (const record of records) {
    let byPartition = byTopic.get(record.topic);
    if (!byPartition) byTopic.set(record.topic, (byPartition = new Map()));
    const of = byPartition.get(record.partition);
    if (of) of.push(record);
    else byPartition.set(record.partition, [record]);
  }
  return byTopic;
}

/** A record that is larger than the bound goes alone: the broker decides. */
function* chunks(
  records: readonly OutgoingRecord[],
  maxBytes: number,
): Generator<readonly OutgoingRecord[]> {
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < records.length; at++) {
    const { key, value } = records[at] as OutgoingRecord;
    const size = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
    if (at > from && bytes + size > maxBytes) {
      yield records.slice(from, at);
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < records.length) yield records.slice(from);
}

/** Of a record without headers, at most. */
const RECORD_OVERHEAD_BYTES = 32;
