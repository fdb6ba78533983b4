import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { VirtualClock } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sseSource, type SseSourceOptions } from "../../../src/connectors/sse/index.ts";
import { createPipeline, MemorySink, runForTest, type Batch } from "../../../src/index.ts";
import { events, EventServer } from "./event-server.ts";

type Options = Partial<SseSourceOptions<string>>;

function source(url: string, options: Options = {}) {
  return sseSource<string>({ url, decode: ({ data }) => data, retryMs: 0, ...options });
}

async function read(
  url: string,
  options: Options = {},
  positions = new Map<string, unknown>(),
): Promise<{ records: string[]; last: Batch<string> | undefined }> {
  const { signal } = new AbortController();
  const records: string[] = [];
  let last: Batch<string> | undefined;
  const context = { id: "in", subtask: 0, subtasks: 1, positions, signal };
  for await (const batch of await source(url, options).open(context)) {
    records.push(...batch.records);
    last = batch;
  }
  return { records, last };
}

const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/** Replays after an id; ends each connection after `perConnection` bytes of events, anywhere. */
function letters(perConnection: () => number) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const after = Number(request.headers["last-event-id"] ?? 0);
    if (after === LETTERS.length) {
      response.writeHead(204).end();
      return;
    }
    const rest = LETTERS.slice(after).map(
      (letter, at) => `id: ${after + at + 1}\ndata: ${letter}\n\n`,
    );
    const bytes = Buffer.from(rest.join(""));
    events(response).write(bytes.subarray(0, perConnection()), () => response.destroy());
  };
}

function* endless(chunk: string): Generator<string> {
  for (;;) yield chunk;
}

describe("sseSource", () => {
  it("9.2.4: connects again with the id of the last event, after the milliseconds of retry", async () => {
    await using server = await EventServer.start((_, response) => {
      if (server.asked.length === 1) {
        events(response).end("retry: 1\n\nid: é1\nevent: word\ndata: one\ndata: two\n\n");
      } else response.writeHead(204).end();
    });
    const { records, last } = await read(server.url, { retryMs: 1e9, maxRetryMs: 1e9 });
    expect(records).toEqual(["one\ntwo"]);
    expect(last).toMatchObject({ isLast: true, position: { after: "é1", unmarked: 0 } });
    expect(server.asked).toEqual([undefined, Buffer.from("é1").toString("latin1")]);
  });

  it("a server that dies anywhere, also in the middle of an event: each once, in order", async () => {
    const cut = fc.integer({ min: 16, max: 70 });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 10, maxLength: 10 }), async (cuts) => {
        await using server = await EventServer.start(
          letters(() => cuts[server.asked.length % 10] as number),
        );
        expect((await read(server.url)).records).toEqual(LETTERS);
      }),
      { numRuns: 20 },
    );
  });

  it("exactly once through crashes, when the server replays after an id", async () => {
    for (const at of ["batch", "before-commit"] as const) {
      await using server = await EventServer.start(letters(() => 40));
      const sink = new MemorySink<string>();
      const pipeline = createPipeline();
      pipeline.from(source(server.url, { from: "0" })).to(sink, "out");
      const crashes = [1, 2, 3, 4].map((afterBatches) => ({ afterBatches, at }));
      await runForTest(pipeline, { checkpointEvery: 2, crashes });
      expect(sink.committed).toEqual(LETTERS);
    }
  });

  it("events without an id cannot be asked for again: position-lost, or go-on", async () => {
    await using server = await EventServer.start((_, response) => {
      if (server.asked.length % 2 === 1) events(response).end("id: 1\ndata: a\n\ndata: b\n\n");
      else response.writeHead(204).end();
    });
    await expect(read(server.url)).rejects.toMatchObject({
      ...{ code: "position-lost", message: expect.stringContaining("1 records had no id") },
    });
    const position = { after: "1", unmarked: 1 };
    const restarted = read(server.url, {}, new Map([["", position]]));
    await expect(restarted).rejects.toMatchObject({ code: "position-lost" });
    expect(server.asked).toHaveLength(1);
    await read(server.url, { afterLoss: "go-on" });
    const { records, last } = await read(server.url, { afterLoss: "go-on" });
    expect([records, last?.position]).toEqual([["a", "b"], position]);
  });

  it("a restart without a checkpoint, after events came, is position-lost without from", async () => {
    await using server = await EventServer.start((_, response) => {
      events(response).write("id: 1\ndata: a\n\n");
    });
    for (const from of [undefined, "0"]) {
      const one = source(server.url, from === undefined ? {} : { from });
      const stop = new AbortController();
      const { signal } = stop;
      const context = { id: "in", subtask: 0, subtasks: 1, positions: new Map(), signal };
      const first = (await one.open(context)) as AsyncGenerator<Batch<string>>;
      await first.next();
      expect((await first.next()).value.records).toEqual(["a"]);
      await first.return(undefined);
      const again = ((await one.open(context)) as AsyncGenerator<Batch<string>>).next();
      if (from) expect((await again).value.position).toEqual({ after: "0", unmarked: 0 });
      else await expect(again).rejects.toMatchObject({ code: "position-lost" });
      stop.abort();
    }
  });

  it("410 after an id is position-lost; what trying again does not change is unavailable at once", async () => {
    for (const [status, after, code] of [
      [410, "5", "position-lost"],
      [410, undefined, "unavailable"],
      [404, undefined, "unavailable"],
      [200, undefined, "unavailable"], // Of no type.
    ] as const) {
      await using server = await EventServer.start((_, response) => {
        response.writeHead(status).end();
      });
      const positions = new Map(after ? [["", { after, unmarked: 0 }]] : []);
      await expect(read(server.url, {}, positions)).rejects.toMatchObject({ code });
      expect(server.asked).toHaveLength(1);
    }
  });

  it("a server that is not well is tried again, for retryForMs", async () => {
    await using server = await EventServer.start((_, response) => {
      response.writeHead(server.asked.length < 4 ? 503 : 204).end();
    });
    expect((await read(server.url)).records).toEqual([]);
    expect(server.asked).toHaveLength(4);
    server.asked.length = 0;
    await expect(read(server.url, { retryForMs: 0 })).rejects.toMatchObject({
      ...{ code: "unavailable", message: expect.stringContaining("503") },
    });
  });

  it("an event over maxEventBytes is refused before it is held", async () => {
    for (const chunk of [`data: ${"x".repeat(2_000)}\n\n`, "data: line\n", "x".repeat(100)]) {
      await using server = await EventServer.start((_, response) => {
        Readable.from(endless(chunk)).pipe(events(response));
      });
      await expect(read(server.url, { maxEventBytes: 1_000 })).rejects.toMatchObject({
        ...{ code: "invalid-record", message: expect.stringContaining("over 1000 bytes") },
      });
    }
  });

  it("keeps backpressure: while nobody asks, the server cannot write on", async () => {
    let written = 0;
    let isFull = (): void => {};
    const full = new Promise<void>((resolve) => (isFull = resolve));
    await using server = await EventServer.start((_, response) => {
      events(response);
      const line = `id: 1\ndata: ${"x".repeat(1_000)}\n\n`;
      const more = (): void => {
        // A write that is not taken in a turn of 100 of the event loop, the kernel's buffers are full.
        let turns = 0;
        while (response.write(line)) written++;
        const look = (): void => {
          if (!response.writableNeedDrain) more();
          else if (++turns < 100) setImmediate(look);
          else isFull();
        };
        look();
      };
      more();
    });
    const stop = new AbortController();
    const context = {
      id: "in",
      subtask: 0,
      subtasks: 1,
      positions: new Map(),
      signal: stop.signal,
    };
    const batches = (await source(server.url).open(context)) as AsyncGenerator<Batch<string>>;
    await batches.next();
    const { value } = await batches.next();
    await full;
    expect(value.records.length).toBeLessThan(1_000);
    expect(written).toBeGreaterThan(0);
    stop.abort();
    await batches.return(undefined);
  });

  it("poisoned events are told, and left out", async () => {
    await using server = await EventServer.start((_, response) => {
      if (server.asked.length > 1) response.writeHead(204).end();
      else events(response).end("id: 1\ndata: {\n\nid: 2\ndata: 2\n\n");
    });
    const dead: unknown[] = [];
    const { records } = await read(server.url, {
      decode: ({ data }) => JSON.parse(data) as string,
      onInvalid: ({ code }, { id }) => void dead.push([code, id]),
    });
    expect([records, dead]).toEqual([[2], [["invalid-record", "1"]]]);
  });

  it("a connection on which nothing comes for maxSilenceMs is given up, and made again", async () => {
    const clock = new VirtualClock();
    await using server = await EventServer.start((_, response) => {
      if (server.asked.length > 1) response.writeHead(204).end();
      else events(response).write("id: 1\ndata: a\n\n");
    });
    const stop = new AbortController();
    const { signal } = stop;
    const context = { id: "in", subtask: 0, subtasks: 1, positions: new Map(), signal };
    const one = sseSource<string>(
      { url: server.url, decode: ({ data }) => data, retryMs: 1, maxSilenceMs: 1_000 },
      { clock },
    );
    const batches = (await one.open(context)) as AsyncGenerator<Batch<string>>;
    await batches.next();
    expect((await batches.next()).value.records).toEqual(["a"]);
    const next = batches.next();
    await clock.advance(999);
    expect(server.asked).toHaveLength(1);
    const state = { isOver: false };
    void next.then(() => (state.isOver = true));
    while (!state.isOver) {
      await clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await next).toMatchObject({ value: { isLast: true } });
    expect(server.asked.slice(0, 2)).toEqual([undefined, "1"]);
  });
});
