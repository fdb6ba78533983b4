import type { CompressionAlgorithmValue } from "@platformatic/kafka";
import type { Clock } from "@quorate/runtime";
import type { Sink, SinkContext, SinkWriter } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { KafkaClient } from "./kafka-client.ts";
import { checkAbove, type KafkaOptions } from "./kafka-options.ts";
import { Outgoing, type KafkaMessage } from "./outgoing.ts";
import { type PreparedTransaction, recoverTransactions } from "./recovery.ts";
import { PlainWriter, TransactionalWriter } from "./writers.ts";

export interface KafkaSinkOptions<T> extends KafkaOptions {
  readonly topic: string;
  readonly encode: (value: T) => KafkaMessage;
  /**
   * - `exactly-once`: in transactions, visible to readers of committed records once the checkpoint is
   *   kept. Needs `transactionalIdPrefix`.
   * - `at-least-once`: visible at once; after a crash, what came after the last checkpoint is written
   *   again.
   *
   * @default "exactly-once" with a transactionalIdPrefix, else "at-least-once"
   */
  readonly guarantee?: "exactly-once" | "at-least-once";
  /**
   * Begins the transactional ids: one for each sink of each program of the cluster, always the same.
   * Two that run at once with one prefix fence each other.
   */
  readonly transactionalIdPrefix?: string;
  /**
   * Milliseconds for which a transaction may be open: longer than the time between two checkpoints
   * and the longest outage after which the program starts again. Beyond it the broker aborts, and the
   * restart fails with `transaction-lost`. At most the broker's `transaction.max.timeout.ms`.
   *
   * @default 900000, what brokers allow without being configured
   */
  readonly transactionTimeoutMs?: number;
  /** @default "none" */
  readonly compression?: CompressionAlgorithmValue;
  /** Bytes of keys and values in one request; below the broker's `message.max.bytes`. @default 900000 */
  readonly maxRequestBytes?: number;
}

export type SinkOptions<T> = Required<
  Pick<
    KafkaSinkOptions<T>,
    "topic" | "encode" | "transactionTimeoutMs" | "compression" | "maxRequestBytes"
  >
> & { readonly transactionalIdPrefix: string | undefined };

/** A sink of topics. What it guarantees, and how, is in the decision note 0231. */
export function kafkaSink<T>(
  options: KafkaSinkOptions<T>,
  { clock }: { readonly clock?: Clock } = {},
): Sink<T> {
  return new KafkaSink(options, clock);
}

export class KafkaSink<T> implements Sink<T> {
  readonly options: SinkOptions<T>;
  readonly #connection: KafkaOptions;
  readonly #clock: Clock | undefined;

  constructor(options: KafkaSinkOptions<T>, clock: Clock | undefined) {
    this.options = validated(options);
    this.#connection = options;
    this.#clock = clock;
  }

  async recover(_: unknown, transactions: readonly unknown[]): Promise<void> {
    const { transactionalIdPrefix: prefix, transactionTimeoutMs } = this.options;
    if (prefix === undefined) return;
    const client = new KafkaClient(this.#connection, this.#clock);
    try {
      const prepared = transactions as readonly PreparedTransaction[];
      await recoverTransactions(client, prefix, prepared, transactionTimeoutMs);
    } finally {
      await client.close();
    }
  }

  open({ subtask }: SinkContext): SinkWriter<T> {
    const client = new KafkaClient(this.#connection, this.#clock);
    const outgoing = new Outgoing(client, this.options.topic);
    if (this.options.transactionalIdPrefix === undefined) {
      return new PlainWriter(client, outgoing, this.options);
    }
    return new TransactionalWriter(client, outgoing, this.options, subtask);
  }
}

function validated<T>(options: KafkaSinkOptions<T>): SinkOptions<T> {
  const { transactionalIdPrefix: prefix, topic, encode, compression = "none" } = options;
  const { transactionTimeoutMs = 900_000, maxRequestBytes = 900_000 } = options;
  const { guarantee = prefix === undefined ? "at-least-once" : "exactly-once" } = options;
  checkAbove("transactionTimeoutMs", transactionTimeoutMs, 0);
  checkAbove("maxRequestBytes", maxRequestBytes, 0);
  if (guarantee === "exactly-once" && !prefix) {
    throw new StreamError("invalid-option", "exactly-once needs a transactionalIdPrefix");
  }
  const transactionalIdPrefix = guarantee === "exactly-once" ? prefix : undefined;
  const limits = { transactionTimeoutMs, maxRequestBytes, compression };
  return { topic, encode, transactionalIdPrefix, ...limits };
}
