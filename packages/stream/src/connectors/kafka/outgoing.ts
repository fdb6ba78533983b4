import { compatibilityPartitioner } from "@platformatic/kafka";
import type { KafkaClient } from "./kafka-client.ts";
import type { OutgoingRecord } from "./producer.ts";

/** What a record becomes in a topic. Text is written as UTF-8. */
export interface KafkaMessage {
  /** Records of one key come into one partition, as Java's producers put them. @default none */
  readonly key?: string | Uint8Array;
  /** `null`: a tombstone, by which compaction forgets the key. */
  readonly value: string | Uint8Array | null;
  /** @default the sink's topic */
  readonly topic?: string;
  /** @default by the key; without a key, the partitions in turn */
  readonly partition?: number;
  /** @default the time of the write */
  readonly timestampMs?: number;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
}

/** Gives messages their bytes and partitions. */
export class Outgoing {
  readonly #client: KafkaClient;
  readonly #topic: string;
  readonly #counts = new Map<string, number>();
  #turn = 0;

  constructor(client: KafkaClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  async records(messages: readonly KafkaMessage[]): Promise<readonly OutgoingRecord[]> {
    for (const { topic = this.#topic } of messages) {
      if (this.#counts.has(topic)) continue;
      const { partitionsCount } = await this.#client.retrying(`partitions of ${topic}`, () =>
        this.#client.topic(topic),
      );
      this.#counts.set(topic, partitionsCount);
    }
    return messages.map((message) => this.#record(message));
  }

  #record({ topic = this.#topic, headers, ...message }: KafkaMessage): OutgoingRecord {
    const key = message.key === undefined ? undefined : bytesOf(message.key);
    const partitions = this.#counts.get(topic) as number;
    const record = {
      topic,
      partition: (message.partition ?? this.#spread(topic, key)) % partitions,
      // The type knows no tombstone; the wire format does.
      value: (message.value === null ? null : bytesOf(message.value)) as Buffer,
      ...(key && { key }),
      ...(message.timestampMs !== undefined && { timestamp: BigInt(message.timestampMs) }),
    };
    if (!headers) return record;
    const pairs = Object.entries(headers);
    return {
      ...record,
      headers: new Map(pairs.map(([name, value]) => [Buffer.from(name), bytesOf(value)])),
    };
  }

  #spread(topic: string, key: Buffer | undefined): number {
    if (!key) return this.#turn++;
    return compatibilityPartitioner({ topic, value: key }, key);
  }
}

function bytesOf(content: string | Uint8Array): Buffer {
  if (typeof content === "string") return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
