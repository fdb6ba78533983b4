/**
 * A program that a test starts several times: counts by key, and by key and second of event time.
 * Arguments: broker, name, milliseconds between commits. Says `partitions 0,2` whenever it has others; ends by SIGTERM.
 */
import { boundedDisorder, createPipeline, tumbling } from "../../../src/index.ts";
import { kafkaSink, kafkaSource, runOnKafka } from "../../../src/connectors/kafka/index.ts";

const [broker = "", application = "", commitEveryMs = ""] = process.argv.slice(2);
const brokers = [broker];

interface Event {
  readonly key: string;
  readonly atMs: number;
}

const pipeline = createPipeline();
const keyed = pipeline
  .from(
    kafkaSource<Event>({
      ...{ brokers, topics: ["events"] },
      decode: ({ value }) => JSON.parse(String(value)) as Event,
    }),
    { watermarks: boundedDisorder(({ atMs }) => atMs, 0) },
  )
  .named("events")
  .keyBy(({ key }) => key);
const count = { create: () => 0, add: (sum: number) => sum + 1, result: (sum: number) => sum };
keyed
  .aggregate(count, (sum, key) => ({ key, value: `${key} ${sum}` }))
  .named("counts")
  .to(kafkaSink({ brokers, topic: "counts", encode: (message) => message }), "to counts");
keyed
  .window(tumbling(1_000))
  .aggregate(
    { ...count, merge: (one: number, other: number) => one + other },
    (sum, { key, startMs }) => ({ key, value: `${key} in ${startMs / 1_000}: ${sum}` }),
  )
  .named("by second")
  .to(kafkaSink({ brokers, topic: "windows", encode: (message) => message }), "to windows");

const program = await runOnKafka(pipeline, {
  ...{ brokers, application, commitEveryMs: Number(commitEveryMs), sessionTimeoutMs: 1_500 },
});
let told = "";
const telling = setInterval(() => {
  const text = program.partitions.toSorted((a, b) => a - b).join(",");
  if (text !== told) console.log(`partitions ${text}`);
  told = text;
}, 20);
process.once("SIGTERM", () => void program.stop());
await program.done;
clearInterval(telling);
