import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaSink, kafkaSource } from "../../../src/connectors/kafka/index.ts";
import { Broker, missing } from "./broker.ts";
import { contentOf } from "./topics.ts";

const PARTITIONS = 6;
const KEYS = 60;
const EVENTS = 6_000;
/** Far beyond all others: the last window of each partition closes. */
const END_MS = 1_000_000;
const context = { id: "out", subtask: 0, subtasks: 1 };

interface Event {
  readonly key: string;
  readonly atMs: number;
  readonly partition: number;
}

describe.skipIf(missing !== "")(`a program on three machines${missing}`, () => {
  let broker: Broker;
  const started: Machine[] = [];
  beforeAll(async () => {
    broker = await Broker.start();
    for (const topic of ["events", "counts", "windows"])
      await broker.createTopic(topic, PARTITIONS);
  }, 60_000);
  afterAll(async () => {
    for (const machine of started) machine.kill();
    await broker.stop();
  });

  it("one is killed in the middle, one hangs: the output is that of one pass over the input", async () => {
    const events = Array.from({ length: EVENTS }, (_, at) => eventOf(at));
    await write(events.slice(0, EVENTS / 3));
    for (const commitEveryMs of [100, 3_000, 100]) {
      started.push(new Machine(broker.address, commitEveryMs));
    }
    await Promise.all(started.map((machine) => machine.has(PARTITIONS / 3)));
    await outputs("counts", EVENTS / 3);
    await write(events.slice(EVENTS / 3, (2 * EVENTS) / 3));
    // All were worked on and are in the topic, those of the second machine in an open transaction.
    await outputs("counts", (2 * EVENTS) / 3, "uncommitted");
    started[1]?.kill();
    await Promise.all([0, 2].map(async (machine) => started[machine]?.has(PARTITIONS / 2)));
    // Another one hangs for so long that it is thought dead, and then goes on where it was.
    started[2]?.pause();
    await write(events.slice((2 * EVENTS) / 3));
    await started[0]?.has(PARTITIONS);
    await outputs("counts", EVENTS);
    started[2]?.resume();
    await write(Array.from({ length: PARTITIONS }, (_, partition) => endOf(partition)));
    await Promise.all([0, 2].map(async (machine) => started[machine]?.has(PARTITIONS / 2)));
    await outputs("counts", EVENTS + PARTITIONS);

    const windows = windowsOf(events);
    await outputs("windows", windows.length);
    // A graceful stop, too: what it has is committed, nothing twice.
    expect(await started[0]?.stop()).toBe(0);
    await started[2]?.has(PARTITIONS);
    expect(await started[2]?.stop()).toBe(0);
    expect(sorted(await contentOf(broker.address, "counts"))).toEqual(sorted(countsOf(events)));
    expect(sorted(await contentOf(broker.address, "windows"))).toEqual(sorted(windows));
  }, 120_000);

  async function write(events: readonly Event[]): Promise<void> {
    const sink = kafkaSink<Event>({
      ...{ brokers: [broker.address], topic: "events" },
      encode: ({ partition, ...event }) => ({ partition, value: JSON.stringify(event) }),
    });
    const writer = await sink.open(context);
    for (let at = 0; at < events.length; at += 50) await writer.write(events.slice(at, at + 50));
    await writer.close?.();
  }

  /** When a topic has at least as many records. */
  async function outputs(
    topic: string,
    atLeast: number,
    isolation: "committed" | "uncommitted" = "committed",
  ): Promise<void> {
    const options = { brokers: [broker.address], topics: [topic], isolation };
    const source = kafkaSource({ ...options, decode: () => 1 });
    const { signal } = new AbortController();
    let count = 0;
    const reader = await source.open({ ...context, positions: new Map(), signal });
    for await (const { records } of reader) {
      count += records.length;
      if (count >= atLeast) return;
    }
  }
});

/** A key is in one partition, its times go up. */
function eventOf(at: number): Event {
  const key = at % KEYS;
  return { key: `key ${key}`, atMs: at * 7, partition: key % PARTITIONS };
}

function endOf(partition: number): Event {
  return { key: `end of ${partition}`, atMs: END_MS, partition };
}

function countsOf(events: readonly Event[]): readonly string[] {
  const counts = new Map<string, number>();
  const ends = Array.from({ length: PARTITIONS }, (_, partition) => endOf(partition));
  return [...events, ...ends].map(({ key }) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return `${key} ${count}`;
  });
}

function windowsOf(events: readonly Event[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { key, atMs } of events) {
    const window = `${key} in ${Math.floor(atMs / 1_000)}`;
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  return [...counts].map(([window, count]) => `${window}: ${count}`);
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted();
}

/** A process of its own that runs the program. */
class Machine {
  readonly #process: ChildProcess;
  #output = "";
  #partitions = 0;
  #check: () => void = () => {};

  constructor(broker: string, commitEveryMs: number) {
    const source = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
    const program = join(import.meta.dirname, "word-program.ts");
    const args = [...source, program, broker, "words", String(commitEveryMs)];
    this.#process = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#take(String(chunk)));
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#take(String(chunk)));
    this.#process.once("exit", () => this.#check());
  }

  /** When it works on so many partitions. */
  async has(partitions: number): Promise<void> {
    while (this.#partitions !== partitions) {
      if (this.#process.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
      await new Promise<void>((resolve) => (this.#check = resolve));
    }
  }

  /** Its exit code. */
  async stop(): Promise<number | null> {
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const [code] = (await exit) as [number | null];
    if (code !== 0) throw new Error(`it failed: ${this.#output}`);
    return code;
  }

  pause(): void {
    this.#process.kill("SIGSTOP");
  }

  resume(): void {
    this.#process.kill("SIGCONT");
  }

  /** As a machine whose power fails. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #take(text: string): void {
    this.#output = `${this.#output}${text}`.slice(-4_000);
    const [, list] = [...this.#output.matchAll(/^partitions (.*)\n/gm)].at(-1) ?? [];
    if (list !== undefined) this.#partitions = list === "" ? 0 : list.split(",").length;
    this.#check();
  }
}
