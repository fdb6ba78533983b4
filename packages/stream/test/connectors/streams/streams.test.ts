import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLines, linesSource } from "../../../src/connectors/lines/index.ts";
import { iterableSource, webSink, writableSink } from "../../../src/connectors/streams/index.ts";
import { createPipeline, MemorySink, runForTest, type Source } from "../../../src/index.ts";

const context = { id: "in", subtask: 0, subtasks: 1 };

async function read<T>(source: Source<T>, positions = new Map<string, unknown>()): Promise<T[]> {
  const { signal } = new AbortController();
  const records: T[] = [];
  for await (const batch of await source.open({ ...context, positions, signal })) {
    records.push(...batch.records);
  }
  return records;
}

describe("iterableSource", () => {
  it("reads iterables, Node streams and web streams to their ends", async () => {
    const values = [1, 2, 3];
    expect(await read(iterableSource(values))).toEqual(values);
    expect(await read(iterableSource(Readable.from(values)))).toEqual(values);
    expect(await read(iterableSource(Readable.toWeb(Readable.from(values))))).toEqual(values);
  });

  it("is a source of a pipeline", async () => {
    const sink = new MemorySink<number>();
    const pipeline = createPipeline();
    pipeline
      .from(iterableSource(Readable.from([1, 2, 3])))
      .map((value) => 2 * value)
      .to(sink, "out");
    await runForTest(pipeline);
    expect(sink.committed).toEqual([2, 4, 6]);
  });

  it("keeps backpressure: no more than maxChunks are read ahead", async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<number> {
      for (;;) yield asked++;
    }
    const stop = new AbortController();
    const source = iterableSource(endless(), { maxChunks: 10 });
    const place = { ...context, positions: new Map(), signal: stop.signal };
    const batches = (await source.open(place)) as AsyncGenerator<{ records: readonly number[] }>;
    await batches.next();
    let taken = 0;
    for (let turn = 0; turn < 5; turn++) {
      taken += (await batches.next()).value.records.length;
      await new Promise((resolve) => setImmediate(resolve));
      expect(asked - taken).toBeLessThanOrEqual(11);
    }
    stop.abort();
    await batches.return?.(undefined);
  });

  it("a restart with a checkpoint that has fewer records is refused, or goes on without them", async () => {
    const stream = new PassThrough({ objectMode: true });
    stream.write("a");
    stream.write("b");
    for (const afterLoss of ["fail", "go-on"] as const) {
      const source = iterableSource<string>(Readable.from(["a", "b"]), { afterLoss });
      expect(await read(source)).toEqual(["a", "b"]);
      const again = read(source, new Map([["", 1]]));
      if (afterLoss === "fail")
        await expect(again).rejects.toMatchObject({ code: "position-lost" });
      else expect(await again).toEqual([]);
    }
  });

  it("what the stream fails with comes out of the read", async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error("the line is cut");
    }
    await expect(read(iterableSource(broken()))).rejects.toThrow("the line is cut");
  });
});

describe("linesSource", () => {
  it("wherever chunks are cut, in characters and line ends too, the lines are the same", async () => {
    const line = fc
      .string({ unit: "grapheme", maxLength: 6 })
      .filter((text) => !/[\r\n]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        ...[fc.array(line, { maxLength: 8 }), fc.array(fc.nat(60), { maxLength: 8 })],
        async (lines, cuts) => {
          const bytes = Buffer.from(lines.map((one) => `${one}\r\n`).join(""));
          const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
          const sorted = places.toSorted((a, b) => a - b);
          const chunks = sorted.slice(1).map((to, at) => bytes.subarray(sorted[at], to));
          expect(await read(linesSource(Readable.from(chunks)))).toEqual(lines);
        },
      ),
    );
  });

  it("an endless line is refused before it is held", async () => {
    let chunks = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        chunks++;
        yield Buffer.alloc(1_000, "x");
      }
    }
    const options = { format: jsonLines(), maxRecordBytes: 10_000, maxChunks: 1 };
    await expect(read(linesSource(endless(), options))).rejects.toMatchObject({
      ...{ code: "invalid-record", message: expect.stringContaining("over 10000 bytes") },
    });
    expect(chunks).toBeLessThan(20);
  });

  it("poisoned lines are told, and left out", async () => {
    const dead: string[] = [];
    const onInvalid = (_: unknown, line: string): void => void dead.push(line);
    const source = linesSource(Readable.from(['{"a":1}\n{\n\n2']), {
      format: jsonLines(),
      onInvalid,
    });
    expect(await read(source)).toEqual([{ a: 1 }, 2]);
    expect(dead).toEqual(["{"]);
  });
});

describe("sinks of streams", () => {
  it("wait for a slow stream, in order, and have written all when a write resolves", async () => {
    const written: unknown[] = [];
    let open = 0;
    const slow = new Writable({
      ...{ objectMode: true, highWaterMark: 2 },
      write: (chunk, _, done) => {
        expect(++open).toBe(1);
        setImmediate(() => {
          open--;
          written.push(chunk);
          done();
        });
      },
    });
    const writer = await writableSink<number>(slow, (value) => value).open(context);
    await writer.write([1, 2, 3, 4, 5]);
    expect(written).toEqual([1, 2, 3, 4, 5]);
  });

  it("web streams, too", async () => {
    const written: number[] = [];
    const stream = new WritableStream<number>({
      write: async (chunk) => {
        await new Promise((resolve) => setImmediate(resolve));
        written.push(chunk);
      },
    });
    const writer = await webSink(stream).open(context);
    await writer.write([1, 2]);
    await writer.write([3]);
    expect(written).toEqual([1, 2, 3]);
    const broken = new WritableStream({ write: () => Promise.reject(new Error("full")) });
    const failing = await webSink(broken).open(context);
    await expect(failing.write([1])).rejects.toMatchObject({ code: "unavailable" });
  });

  it("a pipe that nobody reads any more is an error with its EPIPE, not the end of the process", async () => {
    const source = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
    const program = join(import.meta.dirname, "endless-program.ts");
    const child = spawn(process.execPath, [...source, program]);
    await once(child.stdout, "data");
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stdout.destroy();
    const [code] = (await once(child, "close")) as [number];
    expect([code, said]).toEqual([0, "unavailable EPIPE\n"]);
  });
});
