import { Consumer, type GroupPartitionsAssigner } from "@platformatic/kafka";
import { kafkaError } from "../kafka-errors.ts";
import { type KafkaOptions, validatedConnection } from "../kafka-options.ts";
import { assigned } from "./assignment.ts";

export interface MembershipOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  /** Milliseconds without a sign of life after which the others share out what a member had. */
  readonly sessionTimeoutMs: number;
}

/**
 * A member of a consumer group that shares partitions by their number: all topics' partitions of one
 * number go to one member, so that records of one key in several topics meet.
 */
export class Membership {
  readonly #consumer: Consumer;
  readonly #options: MembershipOptions;

  constructor(connection: KafkaOptions, options: MembershipOptions) {
    const { brokers, clientId, requestTimeoutMs, tls, sasl } = validatedConnection(connection);
    const { group, sessionTimeoutMs } = options;
    this.#options = options;
    this.#consumer = new Consumer({
      clientId,
      bootstrapBrokers: [...brokers],
      requestTimeout: requestTimeoutMs,
      ...(tls && { tls }),
      ...(sasl && { sasl }),
      groupId: group,
      autocommit: false,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 3),
      partitionAssigner: assigner(options.partitions),
    });
    this.#consumer.topics.trackAll(...options.topics);
  }

  /**
   * Joins, and calls `onAssigned` with this member's partitions now and whenever they change;
   * `onFailed` when the group cannot be joined again.
   */
  async join(
    onAssigned: (partitions: readonly number[]) => void,
    onFailed: (error: Error) => void,
  ): Promise<void> {
    const [topic] = this.#options.topics;
    this.#consumer.on("consumer:group:join", ({ assignments = [] }) => {
      onAssigned(assignments?.find((one) => one.topic === topic)?.partitions ?? []);
    });
    const { group } = this.#options;
    this.#consumer.on("error" as never, (error: unknown) => {
      onFailed(kafkaError(`joining ${group} again`, error));
    });
    try {
      await this.#consumer.joinGroup({});
    } catch (error) {
      throw kafkaError(`joining ${group}`, error);
    }
  }

  /** The others share out what this member had, at once. */
  async leave(): Promise<void> {
    const consumer = this.#consumer;
    await new Promise<void>((resolve, reject) => {
      consumer.close(true, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function assigner(partitions: number): GroupPartitionsAssigner {
  return (_, members, topics) => {
    const shares = assigned([...members.keys()].toSorted(), partitions);
    return [...shares].map(([memberId, share]) => ({
      memberId,
      assignments: new Map([...topics].map((topic) => [topic, { topic, partitions: [...share] }])),
    }));
  };
}
