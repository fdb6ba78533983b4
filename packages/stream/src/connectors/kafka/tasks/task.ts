import { type Clock, pause } from "@quorate/runtime";
import type { Batch, SourceReader } from "../../../connector.ts";
import { changesOf, layersOf } from "../../../core/state/changelog.ts";
import type { Graph } from "../../../graph.ts";
import { Job } from "../../../job.ts";
import { v8Codec } from "../../../v8-codec.ts";
import { KafkaClient } from "../kafka-client.ts";
import type { KafkaOptions } from "../kafka-options.ts";
import { KafkaSink } from "../kafka-sink.ts";
import type { TopicPartition } from "../offsets.ts";
import { Outgoing } from "../outgoing.ts";
import { Producer } from "../producer.ts";
import { changelogRecord, readChangelog } from "./changelog.ts";

export interface TaskOptions {
  readonly connection: KafkaOptions;
  readonly graph: Graph;
  readonly application: string;
  readonly changelog: string;
  readonly partition: number;
  readonly partitions: number;
  readonly commitEveryMs: number;
  readonly transactionTimeoutMs: number;
  readonly clock: Clock;
}

interface Reading {
  readonly id: string;
  readonly iterator: Iterator<Batch<unknown>> | AsyncIterator<Batch<unknown>>;
}

/** A source is not read on before its batch was worked on. */
interface Arrived {
  readonly reading: Reading;
  readonly read: IteratorResult<Batch<unknown>, unknown>;
}

/**
 * One partition of a program: an instance of the pipeline, whose output, state and positions are
 * written in one transaction, again and again. Its transactional id is its partition's, so a later
 * owner of the partition ends what this one has open and fences it.
 */
export class Task {
  readonly #options: TaskOptions;
  readonly #client: KafkaClient;
  readonly #producer: Producer;
  readonly #outputs = new Map<string, { sink: KafkaSink<unknown>; outgoing: Outgoing }>();
  readonly #readings = new Set<Reading>();
  readonly #arrived: Arrived[] = [];
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};
  #checkpoints = 0;
  #isChanged = false;

  constructor(options: TaskOptions) {
    const { connection, application, partition, transactionTimeoutMs, clock } = options;
    this.#options = options;
    this.#client = new KafkaClient(connection, clock);
    const limits = { transactionTimeoutMs, maxRequestBytes: 900_000, compression: "none" } as const;
    const transactionalId = `${application}/${partition}`;
    this.#producer = new Producer(this.#client, { ...limits, transactionalId });
  }

  /**
   * Runs until `signal` aborts, then commits what it has.
   *
   * @throws {StreamError} `fenced`: the partition is another one's now; and what operators, sources and
   * brokers throw. Nothing since the last commit has had an effect.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stopReading = new AbortController();
    try {
      const job = await this.#restore();
      await this.#open(job, stopReading.signal);
      await this.#work(job, signal);
      await this.#commit(job);
    } finally {
      stopReading.abort();
      await Promise.allSettled(
        [...this.#readings].map(async ({ iterator }) => iterator.return?.()),
      );
      await this.#client.close();
    }
  }

  /** Its last owner can write no more from here on, so what the changelog ends with is its state. */
  async #restore(): Promise<Job> {
    const { graph, connection, changelog, partition, clock } = this.#options;
    await this.#producer.start();
    const changes = await readChangelog(connection, changelog, partition);
    for (const node of graph) {
      if (node.role !== "sink") continue;
      const sink = node.sink as unknown as KafkaSink<unknown>;
      const outgoing = new Outgoing(this.#client, sink.options.topic);
      this.#outputs.set(node.id, { sink, outgoing });
    }
    const restored = layersOf(changes, v8Codec);
    return new Job(graph, { codec: v8Codec, keyGroups: 128, nowMs: clock.wallTime(), restored });
  }

  async #open(job: Job, signal: AbortSignal): Promise<void> {
    const { graph, partition, partitions } = this.#options;
    for (const node of graph) {
      if (node.role !== "source") continue;
      const { id } = node;
      const positions = job.sources.get(id)?.positions ?? new Map();
      // Dealt out by number, a subtask a partition: this one's of each topic.
      const place = { id, subtask: partition, subtasks: partitions };
      const reader: SourceReader<unknown> = await node.source.open({ ...place, positions, signal });
      const iterator =
        Symbol.iterator in reader ? reader[Symbol.iterator]() : reader[Symbol.asyncIterator]();
      const reading = { id, iterator };
      this.#readings.add(reading);
      this.#readOn(reading);
    }
  }

  async #work(job: Job, signal: AbortSignal): Promise<void> {
    const { clock, commitEveryMs } = this.#options;
    for (let commitAtMs = clock.now() + commitEveryMs; !signal.aborted;) {
      // Until there is something to read, the commit is due, or the partition is taken away.
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      const isWaiting = this.#arrived.length === 0 && !this.#failure;
      const waitMs = Math.max(0, commitAtMs - clock.now());
      if (isWaiting && waitMs > 0) await pause(clock, waitMs, [signal], woken);
      if (this.#failure) throw this.#failure.error;
      job.tick(clock.wallTime());
      for (const { reading, read } of this.#arrived.splice(0)) {
        if (read.done) continue;
        job.sources.get(reading.id)?.push(read.value);
        this.#isChanged = true;
        this.#readOn(reading);
      }
      await this.#send(job);
      if (clock.now() < commitAtMs) continue;
      await this.#commit(job);
      commitAtMs = clock.now() + commitEveryMs;
    }
  }

  #readOn(reading: Reading): void {
    void Promise.resolve(reading.iterator.next())
      .then(
        (read) => void this.#arrived.push({ reading, read }),
        (error: unknown) => (this.#failure = { error }),
      )
      .then(() => this.#wake());
  }

  async #send(job: Job): Promise<void> {
    for (const [id, { sink, outgoing }] of this.#outputs) {
      const values = job.sinks.get(id)?.drain() ?? [];
      if (values.length === 0) continue;
      const messages = values.map((value) => sink.options.encode(value));
      await this.#producer.send(await outgoing.records(messages));
      this.#isChanged = true;
    }
  }

  /** Output, state and positions, all or nothing. */
  async #commit(job: Job): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const { changelog, partition, application: group } = this.#options;
    const layer = job.checkpoint(++this.#checkpoints);
    await this.#send(job);
    const changes = changesOf(layer, v8Codec);
    await this.#producer.send(changes.map((one) => changelogRecord(changelog, partition, one)));
    // What is read goes by the changelog; these are for tools that show the group's lag.
    const member = { group, memberId: "", generation: -1 };
    await this.#producer.sendOffsets(member, offsetsOf(job));
    await this.#producer.end("commit");
  }
}

function offsetsOf(job: Job): ReadonlyMap<TopicPartition, number> {
  const offsets = new Map<TopicPartition, number>();
  for (const source of job.sources.values()) {
    for (const [split, position] of source.ownPositions) {
      const at = split.lastIndexOf("/");
      const partition = Number(split.slice(at + 1));
      offsets.set({ topic: split.slice(0, at), partition }, position as number);
    }
  }
  return offsets;
}
