import type { SinkWriter } from "../../connector.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { SinkOptions } from "./kafka-sink.ts";
import type { Outgoing } from "./outgoing.ts";
import { Producer } from "./producer.ts";
import { commitPrepared, evidenceOf, evidenceText, type PreparedTransaction } from "./recovery.ts";

/** Writes at once, each record once as long as the program lives. */
export class PlainWriter<T> implements SinkWriter<T> {
  readonly #client: KafkaClient;
  readonly #outgoing: Outgoing;
  readonly #options: SinkOptions<T>;
  #producer: Producer | undefined;

  constructor(client: KafkaClient, outgoing: Outgoing, options: SinkOptions<T>) {
    this.#client = client;
    this.#outgoing = outgoing;
    this.#options = options;
  }

  async write(records: readonly T[]): Promise<void> {
    const { encode, transactionalIdPrefix: _, ...options } = this.#options;
    if (!this.#producer) {
      this.#producer = new Producer(this.#client, options);
      await this.#producer.start();
    }
    await this.#producer.send(await this.#outgoing.records(records.map((one) => encode(one))));
  }

  prepare(): undefined {}

  commit(): void {}

  close(): Promise<void> {
    return this.#client.close();
  }
}

/**
 * A transaction a checkpoint. Transactional ids are used in turn: while one is prepared, the next is
 * written. There are as many as transactions are open at once, two as a rule.
 */
export class TransactionalWriter<T> implements SinkWriter<T> {
  readonly #client: KafkaClient;
  readonly #outgoing: Outgoing;
  readonly #options: SinkOptions<T>;
  readonly #subtask: number;
  readonly #free: Producer[] = [];
  readonly #prepared = new Map<string, Producer>();
  #current: Producer | undefined;
  #producers = 0;

  constructor(client: KafkaClient, outgoing: Outgoing, options: SinkOptions<T>, subtask: number) {
    this.#client = client;
    this.#outgoing = outgoing;
    this.#options = options;
    this.#subtask = subtask;
  }

  async write(records: readonly T[]): Promise<void> {
    this.#current ??= this.#free.pop() ?? (await this.#newProducer());
    const { encode } = this.#options;
    await this.#current.send(await this.#outgoing.records(records.map((one) => encode(one))));
  }

  async prepare(checkpointId: number): Promise<PreparedTransaction | undefined> {
    const producer = this.#current;
    if (!producer) return undefined;
    const transaction = { ...producer.name, checkpointId, topic: this.#options.topic };
    const group = { group: transaction.transactionalId, memberId: "", generation: -1 };
    await producer.sendOffsets(group, evidenceOf(transaction), evidenceText(transaction));
    this.#prepared.set(transaction.transactionalId, producer);
    this.#current = undefined;
    return transaction;
  }

  async commit(name: unknown): Promise<void> {
    const transaction = name as PreparedTransaction;
    const producer = this.#prepared.get(transaction.transactionalId);
    if (!producer) {
      await commitPrepared(this.#client, transaction);
      return;
    }
    await producer.end("commit");
    this.#prepared.delete(transaction.transactionalId);
    this.#free.push(producer);
  }

  /** What is prepared belongs to a checkpoint: `recover` decides. */
  async close(): Promise<void> {
    try {
      if (this.#current?.isOpen) await this.#current.end("abort");
    } finally {
      await this.#client.close();
    }
  }

  async #newProducer(): Promise<Producer> {
    const { encode: _, transactionalIdPrefix = "", ...options } = this.#options;
    const transactionalId = `${transactionalIdPrefix}/${this.#subtask}/${this.#producers++}`;
    const producer = new Producer(this.#client, { ...options, transactionalId });
    await producer.start();
    return producer;
  }
}
