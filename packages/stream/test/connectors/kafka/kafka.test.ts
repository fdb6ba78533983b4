import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KafkaRecord, kafkaSink, kafkaSource } from "../../../src/connectors/kafka/index.ts";
import type { PreparedTransaction } from "../../../src/connectors/kafka/recovery.ts";
import { createPipeline, runForTest, type Sink, type SinkWriter } from "../../../src/index.ts";
import { Broker, missing } from "./broker.ts";
import { batchesOf, contentOf, fill, textsOf } from "./topics.ts";

const context = { id: "out", subtask: 0, subtasks: 1 };

describe.skipIf(missing !== "")(`on a real Kafka broker${missing}`, () => {
  let broker: Broker;
  let topics = 0;
  beforeAll(async () => {
    broker = await Broker.start();
  }, 60_000);
  afterAll(() => broker.stop());

  async function newTopic(partitions = 1): Promise<string> {
    const topic = `topic-${topics++}`;
    await broker.createTopic(topic, partitions);
    return topic;
  }

  describe("kafkaSource", () => {
    it("announces all partitions first, then reads each to its end", async () => {
      const topic = await newTopic(3);
      await fill(broker.address, topic, ["a", "b"], 0);
      await fill(broker.address, topic, ["c"], 2);
      const batches = await batchesOf(textsOf(broker.address, topic));
      const announced = batches.slice(0, 3);
      expect(announced.map(({ split, position, records }) => [split, position, records])).toEqual([
        [`${topic}/0`, 0, []],
        [`${topic}/1`, 0, []],
        [`${topic}/2`, 0, []],
      ]);
      expect(announced.map(({ isLast }) => isLast)).toEqual([false, true, false]);
      const rest = batches.slice(3).toSorted((a, b) => (a.split! < b.split! ? -1 : 1));
      expect(rest).toEqual([
        { split: `${topic}/0`, records: ["a", "b"], position: 2, isLast: true },
        { split: `${topic}/2`, records: ["c"], position: 1, isLast: true },
      ]);
    });

    it("from a position, the same records follow, also from the middle of a batch", async () => {
      const topic = await newTopic();
      const texts = Array.from({ length: 100 }, (_, at) => `record ${at}`);
      await fill(broker.address, topic, texts);
      for (const position of [0, 1, 57, 99, 100]) {
        const positions = new Map([[`${topic}/0`, position]]);
        const batches = await batchesOf(textsOf(broker.address, topic), positions);
        expect(batches.flatMap(({ records }) => records)).toEqual(texts.slice(position));
      }
    });

    it("deals the partitions out to subtasks, each to one", async () => {
      const topic = await newTopic(5);
      for (let partition = 0; partition < 5; partition++) {
        await fill(broker.address, topic, [`of ${partition}`], partition);
      }
      const { signal } = new AbortController();
      const read: string[][] = [];
      for (const subtask of [0, 1]) {
        const source = textsOf(broker.address, topic);
        const reader = await source.open({
          ...{ id: "source", subtask, subtasks: 2 },
          ...{ positions: new Map(), signal },
        });
        const records: string[] = [];
        for await (const batch of reader) records.push(...batch.records);
        read.push(records.toSorted());
      }
      expect(read).toEqual([
        ["of 0", "of 2", "of 4"],
        ["of 1", "of 3"],
      ]);
    });

    it("commits the offsets of a kept checkpoint to its group, and can begin there", async () => {
      const topic = await newTopic(2);
      await fill(broker.address, topic, ["a", "b", "c"], 0);
      const options = {
        ...{ brokers: [broker.address], topics: [topic], group: `group of ${topic}` },
        ...{ decode: ({ value }: KafkaRecord) => String(value), until: "end" as const },
      };
      const { signal } = new AbortController();
      const positions = new Map<string, unknown>();
      const reader = await kafkaSource(options).open({ ...context, positions, signal });
      const iterator = (reader as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      await iterator.next();
      await reader.checkpointed?.(new Map([[`${topic}/0`, 2]]));
      await iterator.return?.();
      const groups = [{ groupId: options.group }];
      const [lag] = await broker.admin.listConsumerGroupOffsets({ groups });
      expect(lag?.topics[0]?.partitions[0]?.committedOffset).toBe(2n);
      const batches = await batchesOf(kafkaSource({ ...options, from: "committed" }));
      expect(batches.flatMap(({ records }) => records)).toEqual(["c"]);
    });

    it("begins at a time, and at the end", async () => {
      const topic = await newTopic();
      const encode = (timestampMs: number): { value: string; timestampMs: number } => ({
        value: `at ${timestampMs}`,
        timestampMs,
      });
      const sink = kafkaSink<number>({ brokers: [broker.address], topic, encode });
      const writer = await sink.open(context);
      await writer.write([1_000, 2_000, 3_000]);
      await writer.close?.();
      const options = { brokers: [broker.address], topics: [topic], until: "end" as const };
      const timed = kafkaSource({
        ...options,
        decode: ({ timestampMs }) => timestampMs,
        from: { timeMs: 1_500 },
      });
      const batches = await batchesOf(timed);
      expect(batches.flatMap(({ records }) => records)).toEqual([2_000, 3_000]);
      const late = kafkaSource({ ...options, decode: String, from: "latest" });
      const [announced, ...others] = await batchesOf(late);
      expect(announced).toMatchObject({ position: 3, isLast: true });
      expect(others).toEqual([]);
    });

    it("a position that retention has deleted is an error that names it, not a jump", async () => {
      const topic = await newTopic();
      await fill(broker.address, topic, ["a", "b", "c"]);
      const partitions = [{ partition: 0, offset: 2n }];
      await broker.admin.deleteRecords({ topics: [{ name: topic, partitions }] });
      const positions = new Map([[`${topic}/0`, 0]]);
      await expect(batchesOf(textsOf(broker.address, topic), positions)).rejects.toMatchObject({
        code: "position-lost",
        message: expect.stringContaining(`${topic}/0 at 0`),
      });
    });

    it("a poisoned record fails with its place, or is left out and told", async () => {
      const topic = await newTopic();
      await fill(broker.address, topic, ["1", "{", "3"]);
      const options = {
        ...{ brokers: [broker.address], topics: [topic], until: "end" as const },
        decode: ({ value }: KafkaRecord): number => JSON.parse(String(value)) as number,
      };
      await expect(batchesOf(kafkaSource(options))).rejects.toMatchObject({
        code: "invalid-record",
        message: expect.stringContaining(`${topic}/0 at 1`),
      });
      const dead: string[] = [];
      const tolerant = kafkaSource({
        ...options,
        onInvalid: (_, { value }) => dead.push(String(value)),
      });
      const batches = await batchesOf(tolerant);
      expect(batches.flatMap(({ records }) => records)).toEqual([1, 3]);
      expect(dead).toEqual(["{"]);
    });

    it("leaves out aborted transactions, also several of one producer, and reads on", async () => {
      const topic = await newTopic();
      const sink = transactional(topic);
      for (const round of [1, 2, 3]) {
        const dropped = await sink.open(context);
        await dropped.write([`dropped ${round}`]);
        await dropped.close?.(); // Aborts.
        const writer = await sink.open(context);
        await writer.write([`kept ${round}`]);
        await writer.commit(await writer.prepare(round));
        await writer.close?.();
      }
      expect(await contentOf(broker.address, topic)).toEqual(["kept 1", "kept 2", "kept 3"]);
      const all = await batchesOf(textsOf(broker.address, topic, "uncommitted"));
      expect(all.flatMap(({ records }) => records)).toHaveLength(6);
    });

    it("ends a read that waits when nothing more is wanted", async () => {
      const topic = await newTopic();
      const stop = new AbortController();
      const source = kafkaSource({
        ...{ brokers: [broker.address], topics: [topic], decode: String, maxWaitMs: 30_000 },
      });
      const { signal } = stop;
      const reader = await source.open({ ...context, positions: new Map(), signal });
      const iterator = (reader as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next();
      stop.abort();
      expect(await waiting).toMatchObject({ done: true });
    });
  });

  function transactional(
    topic: string,
    prefix = `sink of ${topic}`,
    timeoutMs = 60_000,
  ): Sink<string> {
    return kafkaSink<string>({
      ...{ brokers: [broker.address], topic, encode: (value) => ({ value }) },
      ...{ transactionalIdPrefix: prefix, transactionTimeoutMs: timeoutMs },
    });
  }

  describe("kafkaSink, exactly once", () => {
    it("what is prepared is not seen before it is committed", async () => {
      const topic = await newTopic();
      const sink = transactional(topic);
      await sink.recover(context, []);
      const writer = await sink.open(context);
      await writer.write(["a", "b"]);
      const transaction = await writer.prepare(1);
      await writer.write(["c"]);
      expect(await contentOf(broker.address, topic)).toEqual([]);
      await writer.commit(transaction);
      expect(await contentOf(broker.address, topic)).toEqual(["a", "b"]);
      await writer.close?.();
    });

    it("crash between the phases: the prepared transaction is committed, what came after is not", async () => {
      const topic = await newTopic();
      const { prepared } = await crashed(transactional(topic), topic);
      expect(await contentOf(broker.address, topic)).toEqual([]);
      // From the checkpoint's bytes, in another process as far as the broker can tell.
      const kept = JSON.parse(JSON.stringify(prepared)) as PreparedTransaction;
      await transactional(topic).recover(context, [kept]);
      expect(await contentOf(broker.address, topic)).toEqual(["promised"]);
    });

    it("recovering again and again changes nothing, also after the id was used again", async () => {
      const topic = await newTopic();
      const { prepared } = await crashed(transactional(topic), topic);
      const sink = transactional(topic);
      await sink.recover(context, [prepared]);
      await sink.recover(context, [prepared]);
      const writer = await sink.open(context);
      await writer.write(["of a run that crashed, too"]);
      await sink.recover(context, [prepared]);
      expect(await contentOf(broker.address, topic)).toEqual(["promised"]);
      await expect(writer.close?.()).rejects.toMatchObject({ code: "fenced" });
    });

    it("a checkpoint that is not kept: its transaction is dropped", async () => {
      const topic = await newTopic();
      await crashed(transactional(topic), topic);
      await transactional(topic).recover(context, []);
      expect(await contentOf(broker.address, topic)).toEqual([]);
      await fill(broker.address, topic, ["readers do not wait for it"]);
      expect(await contentOf(broker.address, topic)).toEqual(["readers do not wait for it"]);
    });

    it("committing the last promise again does not commit what the same id has open now", async () => {
      const topic = await newTopic();
      const writer = await transactional(topic).open(context);
      await writer.write(["first"]);
      const first = await writer.prepare(1);
      await writer.commit(first);
      await writer.write(["not promised"]);
      await writer.prepare(2);
      await writer.write(["not promised either"]);
      // Checkpoint 2 was not kept when the program died.
      await transactional(topic).recover(context, [first]);
      expect(await contentOf(broker.address, topic)).toEqual(["first"]);
    });

    it("a zombie that writes on after another run recovered is fenced", async () => {
      const topic = await newTopic();
      const zombie = await transactional(topic).open(context);
      await zombie.write(["before"]);
      await transactional(topic).recover(context, []);
      await expect(zombie.write(["after"])).rejects.toMatchObject({ code: "fenced" });
      await expect(zombie.close?.()).rejects.toMatchObject({ code: "fenced" });
      expect(await contentOf(broker.address, topic)).toEqual([]);
    });

    it("a transaction that the broker aborted after its time is lost by name", async () => {
      const topic = await newTopic();
      const sink = transactional(topic, `short ${topic}`, 2_000);
      const { prepared } = await crashed(sink, topic);
      await aborted(prepared.transactionalId);
      await expect(sink.recover(context, [prepared])).rejects.toMatchObject({
        code: "transaction-lost",
        message: expect.stringContaining("checkpoint 1"),
      });
    });

    it("two subtasks write transactions of their own", async () => {
      const topic = await newTopic(2);
      const sink = transactional(topic);
      await sink.recover(context, []);
      const writers: SinkWriter<string>[] = [];
      for (const subtask of [0, 1]) {
        writers.push(await sink.open({ id: "out", subtask, subtasks: 2 }));
      }
      const names = await Promise.all(
        writers.map(async (writer, subtask) => {
          await writer.write([`of ${subtask}`]);
          return writer.prepare(1);
        }),
      );
      await sink.recover(context, names);
      const content = await contentOf(broker.address, topic);
      expect(content.toSorted()).toEqual(["of 0", "of 1"]);
    });

    it("a pipeline that crashes in batches and between the phases: each record has its effect once", async () => {
      const [input, output] = [await newTopic(2), await newTopic()];
      const texts = Array.from({ length: 300 }, (_, at) => `key ${at % 7}`);
      for (let at = 0; at < texts.length; at += 30) {
        await fill(broker.address, input, texts.slice(at, at + 30), (at / 30) % 2);
      }
      const source = kafkaSource({
        ...{ brokers: [broker.address], topics: [input], until: "end" as const },
        ...{ decode: ({ value }: KafkaRecord) => String(value), maxPartitionBytes: 200 },
      });
      const pipeline = createPipeline();
      const count = {
        create: () => 0,
        add: (sum: number) => sum + 1,
        result: (sum: number) => sum,
      };
      pipeline
        .from(source)
        .keyBy((key) => key)
        .aggregate(count, (sum, key) => `${key}: ${sum}`)
        .to(transactional(output), "out");
      const crashes = [
        { afterBatches: 5, at: "batch" },
        { afterBatches: 3, at: "before-commit" },
        { afterBatches: 1, at: "before-commit" },
        { afterBatches: 4, at: "batch" },
      ] as const;
      await runForTest(pipeline, { checkpointEvery: 2, crashes });
      const counts = new Map<string, number>();
      const expected = texts.map((key) => {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return `${key}: ${counts.get(key)}`;
      });
      expect((await contentOf(broker.address, output)).toSorted()).toEqual(expected.toSorted());
    });

    /** A run that dies with checkpoint 1 prepared and the next one begun. */
    async function crashed(
      sink: Sink<string>,
      topic: string,
    ): Promise<{ readonly prepared: PreparedTransaction }> {
      expect(topic).not.toBe("");
      const writer = await sink.open(context);
      await writer.write(["promised"]);
      const prepared = (await writer.prepare(1)) as PreparedTransaction;
      await writer.write(["never promised"]);
      return { prepared };
    }

    async function aborted(transactionalId: string): Promise<void> {
      for (;;) {
        const states = await transactionStates();
        if (states.get(transactionalId) === "CompleteAbort") return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    async function transactionStates(): Promise<ReadonlyMap<string, string>> {
      const { listTransactionsV0 } = await import("@platformatic/kafka");
      const connections = await broker.admin.connectToBrokers();
      const [connection] = [...connections.values()];
      const found = await listTransactionsV0.api.async(connection!, [], [], -1n, null);
      return new Map(
        found.transactionStates.map((one) => [one.transactionalId, one.transactionState]),
      );
    }
  });

  describe("kafkaSink", () => {
    it("puts a key into the partition in which Java's producers put it", async () => {
      const topic = await newTopic(16);
      // kafka.producer's BuiltInPartitioner.partitionForKey of these, by its tests' murmur2 values.
      const keys = [
        "21",
        "foobar",
        "a-little-bit-long-string",
        "abc",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
      ];
      const hashes = [-973932308, -790332482, -985981536, 479470107, -58897971];
      const sink = kafkaSink<string>({
        ...{ brokers: [broker.address], topic },
        encode: (key) => ({ key, value: key, headers: { of: key } }),
      });
      const writer = await sink.open(context);
      await writer.write(keys);
      await writer.close?.();
      const source = kafkaSource({
        ...{ brokers: [broker.address], topics: [topic], until: "end" as const },
        decode: ({ partition, key, headers }) =>
          `${String(key)} in ${partition}, of ${String(headers[0]?.[1])}`,
      });
      const records = (await batchesOf(source)).flatMap((batch) => batch.records);
      const expected = keys.map(
        (key, at) => `${key} in ${(hashes[at]! & 0x7fffffff) % 16}, of ${key}`,
      );
      expect(records.toSorted()).toEqual(expected.toSorted());
    });

    it("writes in requests of a bounded size, in order", async () => {
      const topic = await newTopic();
      const texts = Array.from({ length: 3_000 }, (_, at) => `${at}`.padEnd(1_000, "."));
      await fill(broker.address, topic, texts);
      expect(await contentOf(broker.address, topic)).toEqual(texts);
    });

    it("a tombstone is a record without a value", async () => {
      const topic = await newTopic();
      const sink = kafkaSink<string>({
        ...{ brokers: [broker.address], topic, encode: (key) => ({ key, value: null }) },
      });
      const writer = await sink.open(context);
      await writer.write(["gone"]);
      await writer.close?.();
      const source = kafkaSource({
        ...{ brokers: [broker.address], topics: [topic], until: "end" as const },
        decode: ({ key, value }) => [String(key), value],
      });
      expect((await batchesOf(source)).flatMap(({ records }) => records)).toEqual([["gone", null]]);
    });

    it("a broker that is not there is unavailable, by name", async () => {
      const options = { brokers: ["127.0.0.1:1"], topics: ["any"], retryForMs: 100 };
      await expect(batchesOf(kafkaSource({ ...options, decode: String }))).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("127.0.0.1:1"),
      });
    });
  });
});
