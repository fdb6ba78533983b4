import {
  Base,
  type ClusterTopicMetadata,
  type Connection,
  FindCoordinatorKeyTypes,
  findCoordinatorV4,
} from "@platformatic/kafka";
import { type Clock, pause, systemClock } from "@quorate/runtime";
import { StreamError } from "../../stream-error.ts";
import { isPassing, kafkaError } from "./kafka-errors.ts";
import { type KafkaOptions, validatedConnection } from "./kafka-options.ts";

const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 1_000;

/**
 * Finds the broker that a request must go to, and tries again while that changes. A broker answers the
 * requests of one client in their order: what waits for records needs a client of its own.
 */
export class KafkaClient {
  readonly #base: Base;
  readonly #clock: Clock;
  readonly #retryForMs: number;
  readonly #coordinators = new Map<string, number>();
  readonly #closed = new AbortController();

  constructor(options: KafkaOptions, clock: Clock = systemClock) {
    const { brokers, clientId, requestTimeoutMs, retryForMs, tls, sasl } =
      validatedConnection(options);
    this.#clock = clock;
    this.#retryForMs = retryForMs;
    this.#base = new Base({
      clientId,
      bootstrapBrokers: [...brokers],
      requestTimeout: requestTimeoutMs,
      retries: 0,
      ...(tls && { tls }),
      ...(sasl && { sasl }),
    });
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  async topic(name: string): Promise<ClusterTopicMetadata> {
    const { topics } = await this.#base.metadata({ topics: [name] });
    const topic = topics.get(name);
    if (!topic) throw new StreamError("unavailable", `there is no topic ${name}`);
    return topic;
  }

  /** The node that leads a partition. */
  async leaderOf(topic: string, partition: number): Promise<number> {
    const found = (await this.topic(topic)).partitions[partition];
    if (found) return found.leader;
    throw new StreamError("position-lost", `there is no partition ${topic}/${partition}`);
  }

  async connectionTo(node: number): Promise<Connection> {
    const { brokers } = await this.#base.metadata({});
    const broker = brokers.get(node);
    if (!broker) throw Object.assign(new Error(`no broker ${node}`), { canRetry: true });
    return this.#base.connections.get(broker);
  }

  async allBrokers(): Promise<readonly number[]> {
    return [...(await this.#base.metadata({})).brokers.keys()];
  }

  /** The broker that keeps the offsets of a group, or the state of a transactional id. */
  async coordinatorOf(kind: "GROUP" | "TRANSACTION", key: string): Promise<Connection> {
    const name = `${kind} ${key}`;
    let node = this.#coordinators.get(name);
    if (node === undefined) {
      const [any] = await this.allBrokers();
      const connection = await this.connectionTo(any as number);
      const keyType = FindCoordinatorKeyTypes[kind];
      const found = await findCoordinatorV4.api.async(connection, keyType, [key]);
      node = found.coordinators[0]?.nodeId as number;
      this.#coordinators.set(name, node);
    }
    return this.connectionTo(node);
  }

  /**
   * Tries until `attempt` succeeds, fails for good, or `retryForMs` have passed.
   *
   * @throws {StreamError} `fenced` or `unavailable`
   */
  async retrying<R>(what: string, attempt: () => Promise<R>): Promise<R> {
    const giveUpAtMs = this.#clock.now() + this.#retryForMs;
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const isOver = this.isClosed || this.#clock.now() >= giveUpAtMs;
        if (isOver || error instanceof StreamError || !isPassing(error)) {
          throw kafkaError(what, error);
        }
        this.#base.clearMetadata();
        this.#coordinators.clear();
        await pause(this.#clock, waitMs, [this.#closed.signal]);
      }
    }
  }

  /** Requests under way fail. May be called twice. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.#closed.abort();
    await this.#base.close();
  }
}
