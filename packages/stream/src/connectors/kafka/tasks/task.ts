import { type Clock, pause } from "@quorate/runtime";
import type { Sink, Source } from "../../../connector.ts";
import { changesOf, layersOf } from "../../../core/state/changelog.ts";
import type { Graph } from "../../../graph.ts";
import { type CheckpointPart, Subtask } from "../../../run/subtask.ts";
import { StreamError } from "../../../stream-error.ts";
import { v8Codec } from "../../../v8-codec.ts";
import { KafkaClient } from "../kafka-client.ts";
import type { KafkaOptions } from "../kafka-options.ts";
import type { KafkaSink } from "../kafka-sink.ts";
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

/** The changelog knows no groups: any number would do. */
const KEY_GROUPS = 128;

/**
 * One partition of a program: an instance of the pipeline, whose output, state and positions are
 * written in one transaction, again and again. Its transactional id is its partition's, so a later
 * owner of the partition ends what this one has open and fences it.
 */
export class Task {
  readonly #options: TaskOptions;
  readonly #client: KafkaClient;
  readonly #producer: Producer;
  #subtask: Subtask | undefined;
  #checkpoints = 0;
  /** Whether anything was read or written since the last commit. */
  #isChanged = false;
  #isReady = false;
  #wake: () => void = () => {};

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
   * @throws {StreamError} what operators, sources and brokers throw; `isFencedOff` tells that the
   * partition is another one's now. Nothing since the last commit has had an effect.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      const subtask = await this.#restore();
      this.#subtask = subtask;
      await subtask.open();
      await this.#work(subtask, signal);
      await this.#commit(subtask, true);
    } finally {
      await this.#subtask?.close();
      await this.#client.close();
    }
  }

  /** Its last owner can write no more from here on, so what the changelog ends with is its state. */
  async #restore(): Promise<Subtask> {
    const { connection, changelog, partition, clock } = this.#options;
    await this.#producer.start();
    const changes = await readChangelog(connection, changelog, partition);
    return new Subtask(this.#graph(), {
      codec: v8Codec,
      keyGroups: KEY_GROUPS,
      nowMs: clock.wallTime(),
      restored: layersOf(changes, v8Codec),
      onReady: () => {
        this.#isReady = true;
        this.#wake();
      },
    });
  }

  /** The pipeline's, that reads this partition and writes into its transaction. */
  #graph(): Graph {
    return this.#options.graph.map((node) => {
      if (node.role === "source") return { ...node, source: this.#ownPartition(node.source) };
      if (node.role === "sink") return { ...node, sink: this.#inTransaction(node.sink) };
      return node;
    });
  }

  /** Dealt out by number, a subtask a partition: this one's of each topic. */
  #ownPartition(source: Source<never>): Source<never> {
    const { partition, partitions } = this.#options;
    return {
      open: (context) => source.open({ ...context, subtask: partition, subtasks: partitions }),
    };
  }

  #inTransaction(sink: Sink<never>): Sink<never> {
    const { encode, topic } = (sink as unknown as KafkaSink<unknown>).options;
    const outgoing = new Outgoing(this.#client, topic);
    return {
      recover: () => {},
      open: () => ({
        write: async (records) => {
          this.#isChanged = true;
          await this.#producer.send(await outgoing.records(records.map((one) => encode(one))));
        },
        prepare: () => undefined,
        commit: () => {},
      }),
    };
  }

  async #work(subtask: Subtask, signal: AbortSignal): Promise<void> {
    const { clock, commitEveryMs } = this.#options;
    for (let commitAtMs = clock.now() + commitEveryMs; !signal.aborted;) {
      this.#isReady = false;
      subtask.job.tick(clock.wallTime());
      const isBusy = await workOn(subtask);
      this.#isChanged ||= isBusy;
      const waitMs = commitAtMs - clock.now();
      if (waitMs <= 0) {
        await this.#commit(subtask, false);
        commitAtMs = clock.now() + commitEveryMs;
      } else if (!isBusy && !this.#isReady) {
        const ready = new Promise<void>((resolve) => (this.#wake = resolve));
        await pause(clock, waitMs, [signal], ready);
      }
    }
  }

  /** Output, state and positions, all or nothing. */
  async #commit(subtask: Subtask, isFinal: boolean): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const { changelog, partition, application: group } = this.#options;
    const id = ++this.#checkpoints;
    subtask.barrier(id, isFinal);
    let part: CheckpointPart | undefined;
    while (!part) {
      await workOn(subtask);
      // All at once: what would be read meanwhile would be in this transaction, and not in its state.
      while (subtask.encode());
      part = subtask.takePart();
    }
    const changes = changesOf(part.layer, v8Codec);
    await this.#producer.send(changes.map((one) => changelogRecord(changelog, partition, one)));
    // What is read goes by the changelog; these are for tools that show the group's lag.
    const member = { group, memberId: "", generation: -1 };
    await this.#producer.sendOffsets(member, offsetsOf(subtask));
    await this.#producer.end("commit");
    await subtask.commit(id);
  }
}

/** A piece of what there is to do, and what it made for sinks; false if there is nothing. */
async function workOn(subtask: Subtask): Promise<boolean> {
  const isBusy = subtask.workOn();
  return subtask.isWriteDue ? subtask.drain() : isBusy;
}

/** Whether a task ended because another one has its partition. */
export function isFencedOff(error: unknown): boolean {
  if (!(error instanceof StreamError)) return false;
  return error.code === "fenced" || isFencedOff(error.cause);
}

function offsetsOf({ job }: Subtask): ReadonlyMap<TopicPartition, number> {
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
