import { Admin } from "@platformatic/kafka";
import { type Clock, pause, systemClock } from "@quorate/runtime";
import type { Graph } from "../../../graph.ts";
import type { Pipeline } from "../../../pipeline.ts";
import { StreamError } from "../../../stream-error.ts";
import { KafkaClient } from "../kafka-client.ts";
import { kafkaError, saysAny } from "../kafka-errors.ts";
import { checkAbove, type KafkaOptions, validatedConnection } from "../kafka-options.ts";
import { KafkaSink } from "../kafka-sink.ts";
import { KafkaSource } from "../kafka-source.ts";
import { Membership } from "./membership.ts";
import { isFencedOff, Task } from "./task.ts";

export interface KafkaProgramOptions extends KafkaOptions {
  /**
   * The same on all machines, another for each program of the cluster: names the consumer group, the
   * changelog topic (`application-changelog`) and the transactional ids (`application/3`).
   */
  readonly application: string;
  /** Milliseconds between two commits: what output is delayed by. @default 1000 */
  readonly commitEveryMs?: number;
  /** Milliseconds after which a machine that is silent has lost its partitions. @default 10000 */
  readonly sessionTimeoutMs?: number;
  /** Milliseconds for which a transaction may be open; above `commitEveryMs`. @default 60000 */
  readonly transactionTimeoutMs?: number;
  /** Copies of the changelog, which is made if it is not there. @default the brokers' own default */
  readonly changelogReplicas?: number;
}

export interface KafkaProgram {
  /** What this process works on now. */
  readonly partitions: readonly number[];
  /** Resolves after `stop`; rejects when a task fails, and all have stopped. */
  readonly done: Promise<void>;
  /** Commits, and hands the partitions to the others. May be called twice. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a pipeline on as many machines as call this with the same options: they share the partitions
 * of its topics, as programs of Kafka Streams do. Each partition is a task, an instance of the
 * pipeline with state of its own; when it moves, its state is read back from the changelog. Output,
 * changes of state and positions are written in one transaction, so each record has had its effect
 * exactly once, for those who read committed records, whoever crashes.
 *
 * All sources and sinks must be of Kafka, and all topics that are read have equally many partitions.
 * Records that meet in an operator must be of one partition number: to group by another key, write
 * to a topic by that key, and read it in a second pipeline.
 */
export async function runOnKafka(
  pipeline: Pipeline,
  options: KafkaProgramOptions,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Promise<KafkaProgram> {
  const { application, commitEveryMs = 1_000, sessionTimeoutMs = 10_000 } = options;
  const { transactionTimeoutMs = 60_000, changelogReplicas = -1 } = options;
  checkAbove("commitEveryMs", commitEveryMs, 0);
  checkAbove("sessionTimeoutMs", sessionTimeoutMs, 0);
  checkAbove("transactionTimeoutMs", transactionTimeoutMs, commitEveryMs);
  if (!application) throw new StreamError("invalid-option", "application is empty");
  const topics = topicsOf(pipeline.graph);
  const partitions = await commonPartitions(options, topics);
  const changelog = `${application}-changelog`;
  await createChangelog(options, changelog, partitions, changelogReplicas);
  const group = { group: application, topics, partitions, sessionTimeoutMs };
  const newTask = (partition: number): Task => {
    const place = { connection: options, application, changelog, partition, partitions };
    const { graph } = pipeline;
    return new Task({ ...place, graph, commitEveryMs, transactionTimeoutMs, clock });
  };
  const membership = new Membership(options, group);
  const program = new RunningProgram(membership, newTask, clock, sessionTimeoutMs);
  await program.start();
  return program;
}

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

class RunningProgram implements KafkaProgram {
  readonly done: Promise<void>;
  readonly #membership: Membership;
  readonly #newTask: (partition: number) => Task;
  readonly #clock: Clock;
  readonly #fencedForMs: number;
  readonly #tasks = new Map<number, Running>();
  #resolve!: () => void;
  #reject!: (error: unknown) => void;
  #stopping: Promise<void> | undefined;

  constructor(
    membership: Membership,
    newTask: (partition: number) => Task,
    clock: Clock,
    fencedForMs: number,
  ) {
    this.#clock = clock;
    this.#fencedForMs = fencedForMs;
    this.#membership = membership;
    this.#newTask = newTask;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => {}); // Who waits for it has it.
  }

  get partitions(): readonly number[] {
    return [...this.#tasks.keys()];
  }

  start(): Promise<void> {
    return this.#membership.join(
      (partitions) => this.#assign(partitions),
      (error) => void this.#end(error),
    );
  }

  stop(): Promise<void> {
    return this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #assign(partitions: readonly number[]): void {
    if (this.#stopping) return;
    for (const [partition, { stop }] of this.#tasks) {
      if (!partitions.includes(partition)) stop.abort();
    }
    for (const partition of partitions) {
      const before = this.#tasks.get(partition);
      if (before && !before.stop.signal.aborted) continue;
      this.#start(partition, before?.ended);
    }
  }

  #start(partition: number, before: Promise<void> = Promise.resolve()): void {
    const stop = new AbortController();
    const ended = before.then(() => this.#run(partition, stop.signal));
    const running = { stop, ended };
    this.#tasks.set(partition, running);
    void ended.then(() => {
      if (this.#tasks.get(partition) === running) this.#tasks.delete(partition);
    });
  }

  async #run(partition: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#newTask(partition).run(signal);
        return;
      } catch (error) {
        if (!isFencedOff(error)) {
          void this.#end(error);
          return;
        }
        // Another one has the partition, as the group is about to tell; or had it for a while only.
        await pause(this.#clock, this.#fencedForMs, [signal]);
      }
    }
  }

  #end(error?: unknown): Promise<void> {
    this.#stopping ??= this.#stopAll(error);
    return this.#stopping;
  }

  async #stopAll(error: unknown): Promise<void> {
    for (const { stop } of this.#tasks.values()) stop.abort();
    await Promise.all([...this.#tasks.values()].map(({ ended }) => ended));
    await this.#membership.leave().catch(() => {}); // The group finds out by its timeout.
    if (error === undefined) this.#resolve();
    else this.#reject(error);
  }
}

/** All topics that the sources read; refuses what cannot be part of Kafka's transactions. */
function topicsOf(graph: Graph): readonly string[] {
  const topics = new Set<string>();
  for (const node of graph) {
    const { role, id } = node;
    if (role === "source") {
      if (!(node.source instanceof KafkaSource)) throw notOfKafka(id);
      for (const topic of node.source.topics) topics.add(topic);
    } else if (role === "sink" && !(node.sink instanceof KafkaSink)) {
      throw notOfKafka(id);
    }
  }
  return [...topics];
}

function notOfKafka(id: string): StreamError {
  return new StreamError("invalid-graph", `${id} is not of Kafka: runOnKafka commits only there`);
}

async function commonPartitions(options: KafkaOptions, topics: readonly string[]): Promise<number> {
  const client = new KafkaClient(options);
  try {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const found = await client.retrying(`partitions of ${topic}`, () => client.topic(topic));
      counts.set(topic, found.partitionsCount);
    }
    if (new Set(counts.values()).size === 1) return [...counts.values()][0] as number;
    const text = [...counts].map(([topic, count]) => `${topic} ${count}`).join(", ");
    throw new StreamError("invalid-graph", `topics must have equally many partitions: ${text}`);
  } finally {
    await client.close();
  }
}

async function createChangelog(
  options: KafkaOptions,
  topic: string,
  partitions: number,
  replicas: number,
): Promise<void> {
  const { brokers, clientId, tls, sasl } = validatedConnection(options);
  const connection = { clientId, bootstrapBrokers: [...brokers] };
  const admin = new Admin({ ...connection, ...(tls && { tls }), ...(sasl && { sasl }) });
  try {
    const configs = [{ name: "cleanup.policy", value: "compact" }];
    await admin.createTopics({ topics: [topic], partitions, replicas, configs });
  } catch (error) {
    if (!saysAny(error, ["TOPIC_ALREADY_EXISTS"])) throw kafkaError(`creating ${topic}`, error);
  } finally {
    await admin.close();
  }
}
