import { FileSystemError, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createPipeline,
  fileCheckpoints,
  fromArray,
  memoryCheckpoints,
  MemorySink,
  noRestart,
  type Pipeline,
  runPipeline,
  savepointFolder,
  type Sink,
} from "../../src/index.ts";
import { Fed } from "./fed.ts";
import { pump, pumpUntil } from "./pump.ts";

const numbers = Array.from({ length: 300 }, (_, at) => at);
const counted = numbers.map((value) => `${value % 3} ${Math.floor(value / 3) + 1}`);

function counting(sink: Sink<string>, name = "count"): Pipeline {
  const pipeline = createPipeline();
  pipeline
    .from(fromArray(numbers, { batchSize: 5 }))
    .named("numbers")
    .keyBy((value) => value % 3)
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (count, key) => `${key} ${count}`,
    )
    .named(name)
    .to(sink, "sink");
  return pipeline;
}

describe("a run with checkpoints in files", () => {
  it("whatever operation the power fails at, again and again: each effect once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 5 }),
        fc.nat(),
        async (losses, seed) => {
          const disk = new MemoryFileSystem();
          const random = seededRandom(seed);
          const sink = new MemorySink<string>();
          for (const powerLossAt of [...losses, Infinity]) {
            let operations = 0;
            disk.onOperation = ({ path }) => {
              if (++operations >= powerLossAt) throw new FileSystemError("io-error", path, "off");
            };
            const clock = new VirtualClock();
            const run = runPipeline(counting(sink), {
              clock,
              checkpointIntervalMs: 2,
              checkpoints: fileCheckpoints({ dir: "/ck", fileSystem: disk, maxLayers: 4 }),
              restart: noRestart,
            });
            await pump(
              clock,
              run.done.catch(() => {}),
            );
            disk.onOperation = () => {};
            disk.crash(random);
          }
          expect(sink.committed).toEqual(counted);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a savepoint", () => {
  const saved = async (): Promise<MemoryFileSystem> => {
    const disk = new MemoryFileSystem();
    const clock = new VirtualClock();
    const source = new Fed<number>();
    const pipeline = createPipeline();
    const counts = pipeline
      .from(source)
      .named("numbers")
      .keyBy((value) => value % 3)
      .aggregate(
        { create: () => 0, add: (n) => n + 1, result: (n) => n },
        (n, key) => `${key} ${n}`,
      );
    counts.named("count").to(new MemorySink(), "sink");
    const run = runPipeline(pipeline, { clock });
    source.feed(...numbers.slice(0, 30));
    await pumpUntil(clock, () => source.taken === 1);
    await pump(clock, run.savepoint(savepointFolder("/save", { fileSystem: disk })));
    await pump(clock, run.cancel());
    return disk;
  };

  it("is where another run begins that has no checkpoint", async () => {
    const from = savepointFolder("/save", { fileSystem: await saved() });
    const sink = new MemorySink<string>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray([0, 1, 2]))
      .keyBy((value) => value)
      .aggregate(
        { create: () => 0, add: (n) => n + 1, result: (n) => n },
        (n, key) => `${key} ${n}`,
      )
      .named("count")
      .to(sink, "sink");
    const checkpoints = memoryCheckpoints();
    await runPipeline(pipeline, { from, checkpoints, allowDropped: ["numbers"] }).done;
    expect(sink.committed).toEqual(["0 11", "1 11", "2 11"]);
    expect((await checkpoints.latest())?.layers).toHaveLength(2);
  });

  it("of a run that is stopped has all that was read, and committed", async () => {
    const disk = new MemoryFileSystem();
    const clock = new VirtualClock();
    const sink = new MemorySink<string>();
    const source = new Fed<number>();
    const pipeline = createPipeline();
    pipeline
      .from(source)
      .keyBy(() => "all")
      .aggregate({ create: () => 0, add: (n) => n + 1, result: (n) => `${n}` })
      .named("count")
      .to(sink, "sink");
    const run = runPipeline(pipeline, { clock });
    source.feed(1, 2, 3);
    await pumpUntil(clock, () => source.taken === 1);
    const target = savepointFolder("/save", { fileSystem: disk });
    expect(await pump(clock, run.stop(target))).toBe("stopped");
    expect(sink.committed).toEqual(["1", "2", "3"]);
    const [layer] = await target.read();
    expect([...(layer?.operators.keys() ?? [])]).toContain("count");
  });

  it("that has an operator too many is refused by its name, unless that may be dropped", async () => {
    const from = savepointFolder("/save", { fileSystem: await saved() });
    const sink = new MemorySink<string>();
    const refused = runPipeline(counting(sink, "sums"), { from });
    await expect(refused.done).rejects.toMatchObject({
      code: "incompatible-state",
      message: expect.stringMatching(/operator count, .*allowDropped/),
    });
    const dropping = runPipeline(counting(sink, "sums"), { from, allowDropped: ["count"] });
    expect(await dropping.done).toBe("finished");
  });

  it("of another version is migrated, also across further checkpoints; of a later one refused", async () => {
    const disk = await saved();
    const from = savepointFolder("/save", { fileSystem: disk });
    const asText = (values: readonly number[], version: number, sink: Sink<string>): Pipeline => {
      const pipeline = createPipeline();
      const counts = pipeline
        .from(fromArray(values))
        .keyBy((value) => value)
        .aggregate({ create: () => "", add: (text) => `${text}+`, result: (text) => text })
        .named("count");
      if (version > 1) {
        counts.migrateState("accumulator", { version, migrate: (n: number) => `${n}` });
      }
      return counts.to(sink, "sink");
    };
    const checkpoints = fileCheckpoints({ dir: "/ck", fileSystem: disk, maxLayers: 2 });
    const sink = new MemorySink<string>();
    const options = { from, checkpoints, allowDropped: ["numbers"] };
    await runPipeline(asText([0, 1], 2, sink), options).done;
    expect(sink.committed).toEqual(["10+", "10+"]);
    await runPipeline(asText([0, 1, 0, 2], 2, sink), options).done;
    expect(sink.committed).toEqual(["10+", "10+", "10++", "10+"]);
    await expect(runPipeline(asText([1], 1, sink), options).done).rejects.toMatchObject({
      code: "incompatible-state",
      message: expect.stringContaining(
        "operator count: state accumulator is of version 2, this program knows 1",
      ),
    });
  });
});
