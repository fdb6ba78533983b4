import { crc32 } from "node:zlib";
import { systemClock } from "@quorate/runtime";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { describe, expect, test } from "vitest";
import { FetchError, fetchSegments, type Fetching } from "../../src/cluster/fetch-segments.ts";
import { LiveWorkers } from "../../src/cluster/live-workers.ts";
import { MapOutputs } from "../../src/cluster/map-outputs.ts";
import { SEGMENTS } from "../../src/cluster/protocol.ts";
import { validatedWorker } from "../../src/cluster/worker-options.ts";
import type { Segment } from "../../src/task/task.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import type { AttemptId } from "../../src/tracker/index.ts";

const PARTITION = 3;

/** Two workers: one has map output, the other fetches it. */
class TwoWorkers {
  readonly disks: { readonly from: MemoryDisk; readonly to: MemoryDisk } = {
    from: new MemoryDisk(),
    to: new MemoryDisk(),
  };
  readonly outputs: MapOutputs = new MapOutputs(this.disks.from, systemClock, {
    maxServed: 2,
    timeoutMs: 1_000,
  });
  readonly #network = createMemoryNetwork();
  readonly alive: LiveWorkers = new LiveWorkers();
  #fetches = 0;
  from!: Transport;
  to!: Transport;

  static async start(): Promise<TwoWorkers> {
    const workers = new TwoWorkers();
    workers.from = workers.#network.transport("from");
    workers.to = workers.#network.transport("to");
    await Promise.all([workers.from.start(), workers.to.start()]);
    workers.disks.from.makeFolder("/w");
    workers.alive.update(["from#1", "from#2", "to#1"]);
    return workers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.from.stop(), this.to.stop()]);
  }

  serve(): void {
    this.from.onStream(SEGMENTS, (_from, stream) => this.outputs.serve("from#1", stream));
  }

  /** Map output of two spills; what stands around them is of other partitions. */
  add(task: number, contents: readonly Uint8Array[]): AttemptId {
    const attempt = { kind: "map", task, attempt: 0 } as const;
    const file = `/w/${task}`;
    const writer = this.disks.from.create(file);
    writer.append(new Uint8Array(7));
    let position = 7;
    const segments = contents.flatMap((bytes) => {
      writer.append(bytes);
      const size = { bytes: bytes.length, blockBytes: bytes.length, records: 1 };
      const segment = { file, partition: PARTITION, position, ...size, crc32: crc32(bytes) };
      position += bytes.length;
      return [segment, { ...segment, partition: PARTITION + 1 }];
    });
    writer.close();
    this.outputs.add(attempt, segments);
    return attempt;
  }

  fetch(attempts: readonly AttemptId[], worker = "from#1", signal?: AbortSignal) {
    const settings = validatedWorker(
      { masters: ["m"], folder: "/w", fetchPauseMs: 1, fetchAttempts: 3 },
      "to",
    );
    const fetching: Fetching = {
      worker: "to#1",
      settings,
      transport: this.to,
      clock: systemClock,
      disk: this.disks.to,
      alive: this.alive,
      outputs: new MapOutputs(this.disks.to, systemClock, { maxServed: 1, timeoutMs: 1_000 }),
    };
    const sources = attempts.map((attempt) => ({ attempt, worker }));
    const end = signal ?? new AbortController().signal;
    const folder = `/attempt-${this.#fetches++}`;
    this.disks.to.makeFolder(folder);
    return fetchSegments(PARTITION, sources, folder, end, fetching);
  }

  contents(segments: readonly Segment[]): Uint8Array[] {
    return segments.map(({ file, position, bytes }) => {
      const reader = this.disks.to.open(file);
      const into = new Uint8Array(bytes);
      reader.read(into, position);
      reader.close();
      return into;
    });
  }
}

async function withWorkers(use: (workers: TwoWorkers) => Promise<void>): Promise<void> {
  const workers = await TwoWorkers.start();
  try {
    await use(workers);
  } finally {
    await workers[Symbol.asyncDispose]();
  }
}

function filled(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + seed) % 251);
}

describe("section 3.1, step 5: a reduce worker reads the partition from the map workers' disks", () => {
  test("in the order of the map tasks, also what is larger than a window, and what is empty", () =>
    withWorkers(async (workers) => {
      workers.serve();
      const contents = [[filled(3_000_000, 1), filled(10, 2)], [], [filled(0, 0), filled(5, 3)]];
      const attempts = contents.map((each, task) => workers.add(task, each));
      const segments = await workers.fetch(attempts);
      expect(segments.every(({ partition }) => partition === PARTITION)).toBe(true);
      const fetched = workers.contents(segments);
      const sums = (all: readonly Uint8Array[]): string[] =>
        all.map((each) => `${each.length} ${crc32(each)}`);
      expect(sums(fetched)).toEqual(sums(contents.flat()));
    }));

  test("a stream that is cut is gone on with at the map task where it was", () =>
    withWorkers(async (workers) => {
      const asked: number[] = [];
      const attempts = [0, 1, 2, 3].map((task) => workers.add(task, [filled(100, task)]));
      let tries = 0;
      const serving = workers.from.onStream(SEGMENTS, async (_from, stream) => {
        // What was asked for can be told from how much is left to be written.
        const counted = {
          ...bound(stream),
          reset: () => {},
          write: async (chunk: Uint8Array) => {
            const isHeader = chunk.length !== 100;
            if (isHeader && chunk.length > 4) asked.push(attemptIn(chunk));
            if (!isHeader && tries++ % 2 === 1) {
              await stream.end();
              throw new Error("cut");
            }
            await stream.write(chunk);
          },
        };
        await workers.outputs.serve("from#1", counted);
      });
      const segments = await workers.fetch(attempts);
      serving();
      expect(workers.contents(segments).map((each) => each[0])).toEqual([0, 1, 2, 3]);
      expect(asked).toEqual([0, 1, 1, 2, 2, 3, 3]);
    }));

  test("damaged segments are fetched again, and given up after fetchAttempts", () =>
    withWorkers(async (workers) => {
      workers.serve();
      const fine = workers.add(0, [filled(10, 0)]);
      const damaged = { kind: "map", task: 1, attempt: 0 } as const;
      const [segment] = workers.outputs.segments(fine, PARTITION)!;
      workers.outputs.add(damaged, [{ ...segment!, crc32: 1 }]);
      const error = await workers.fetch([fine, damaged]).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FetchError);
      expect((error as FetchError).maps).toEqual([damaged]);
    }));

  test("what is not there is said at once: of another attempt, of another life of the worker", () =>
    withWorkers(async (workers) => {
      workers.serve();
      const attempt = workers.add(0, [filled(10, 0)]);
      const other = { ...attempt, attempt: 1 };
      await expect(workers.fetch([other])).rejects.toMatchObject({ maps: [other] });
      await expect(workers.fetch([attempt], "from#2")).rejects.toMatchObject({ maps: [attempt] });
    }));

  test("a worker that is not there is a fetch failure, a full disk of one's own is none", () =>
    withWorkers(async (workers) => {
      const attempt = workers.add(0, [filled(10, 0)]);
      await expect(workers.fetch([attempt])).rejects.toBeInstanceOf(FetchError);
      workers.serve();
      workers.disks.to.fail(({ kind }) => kind === "append", "no-space");
      await expect(workers.fetch([attempt])).rejects.toMatchObject({ code: "no-space" });
    }));

  test("section 3.3: a fetch from a worker that is taken for dead is given up at once", () =>
    withWorkers(async (workers) => {
      const attempt = workers.add(0, [filled(10, 0)]);
      workers.from.onStream(SEGMENTS, () => workers.alive.update([])); // and says nothing
      await expect(workers.fetch([attempt])).rejects.toMatchObject({ maps: [attempt] });
    }));

  test("a signal ends it with its reason", () =>
    withWorkers(async (workers) => {
      const attempt = workers.add(0, [filled(10, 0)]);
      const ended = AbortSignal.abort(new Error("not wanted"));
      await expect(workers.fetch([attempt], "from#1", ended)).rejects.toThrow("not wanted");
    }));
});

function bound(stream: Parameters<MapOutputs["serve"]>[1]): Parameters<MapOutputs["serve"]>[1] {
  return {
    write: (chunk) => stream.write(chunk),
    end: () => stream.end(),
    reset: (reason) => stream.reset(reason),
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
  };
}

function attemptIn(chunk: Uint8Array): number {
  const { attempt } = JSON.parse(new TextDecoder().decode(chunk.subarray(4))) as {
    attempt: AttemptId;
  };
  return attempt.task;
}
