import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { sseSink, type SseSink, sseSource } from "../../../src/connectors/sse/index.ts";
import { createPipeline, fromArray, runForTest, type SinkWriter } from "../../../src/index.ts";
import { EventServer } from "./event-server.ts";

const context = { id: "out", subtask: 0, subtasks: 1 };

async function ask(url: string, after?: string): Promise<IncomingMessage> {
  const headers = after === undefined ? {} : { "last-event-id": after };
  const request = get(url, { headers, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  return response;
}

/** What comes up to and with `end`; the response stays open. */
async function until(response: IncomingMessage, end: string): Promise<string> {
  let text = "";
  while (!text.endsWith(end)) {
    const chunk = response.read() as string | null;
    if (chunk === null) await once(response, "readable");
    else text += chunk;
  }
  return text;
}

async function commit<T>(writer: SinkWriter<T>, records: readonly T[], id = 1): Promise<unknown> {
  await writer.write(records);
  const transaction = await writer.prepare(id);
  await writer.commit(transaction);
  return transaction;
}

async function begin<T>(sink: SseSink<T>, transactions: unknown[] = []): Promise<SinkWriter<T>> {
  await sink.recover(context, transactions);
  return sink.open(context);
}

function ids(text: string): string[] {
  return [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id as string);
}

describe("sseSink", () => {
  it("events appear when their checkpoint is committed, once however often it is", async () => {
    await using sink = sseSink<string>({ encode: (data) => ({ event: "word", data }) });
    await using server = await EventServer.start(sink.handle);
    const writer = await begin(sink);
    const client = await ask(server.url);
    await until(client, "\n\n");
    await writer.write(["a\nb"]);
    const transaction = await writer.prepare(1);
    await writer.write(["not yet"]);
    expect(client.read()).toBeNull();
    await writer.commit(transaction);
    await writer.commit(transaction);
    await commit(writer, ["end"], 2);
    const text = await until(client, "data: end\n\n");
    expect(text.replaceAll(/^id: .*\n/gm, "")).toBe(
      "event: word\ndata: a\ndata: b\n\nevent: word\ndata: not yet\n\nevent: word\ndata: end\n\n",
    );
  });

  it("a client that comes back with Last-Event-ID gets what it missed, and nothing twice", async () => {
    await using sink = sseSink<number>();
    await using server = await EventServer.start(sink.handle);
    const writer = await begin(sink);
    const client = await ask(server.url);
    const [start] = ids(await until(client, "\n\n"));
    await commit(writer, [1, 2, 3]);
    const [first, second] = ids(await until(client, "data: 3\n\n"));
    client.destroy();
    await commit(writer, [4], 2);
    for (const [after, numbers] of [
      [start, [1, 2, 3, 4]],
      [first, [2, 3, 4]],
      [second, [3, 4]],
    ] as const) {
      const text = await until(await ask(server.url, after), "data: 4\n\n");
      expect([...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => Number(data))).toEqual(numbers);
    }
  });

  it("a process that starts again gives the last checkpoint's events their ids again", async () => {
    let kept: unknown;
    let last = "";
    {
      await using sink = sseSink<number>();
      await using server = await EventServer.start(sink.handle);
      const writer = await begin(sink);
      const client = await ask(server.url);
      await until(client, "\n\n");
      await commit(writer, [1, 2]);
      last = ids(await until(client, "data: 2\n\n"))[1] as string;
      await writer.write([3]);
      kept = structuredClone(await writer.prepare(2)); // And dies before it is committed.
    }
    await using sink = sseSink<number>();
    await using server = await EventServer.start(sink.handle);
    expect((await ask(server.url, last)).statusCode).toBe(503);
    const writer = await begin(sink, [kept]);
    const client = await ask(server.url, last);
    expect(await until(client, "data: 3\n\n")).not.toContain("data: 2");
    await commit(writer, [4], 3);
    await until(client, "data: 4\n\n");
    // Of before the last checkpoint, and of a program that started from nothing.
    const [run, number] = last.split(".") as [string, string];
    for (const late of [`${run}.${Number(number) - 1}`, "another.1", "nonsense"]) {
      expect((await ask(server.url, late)).statusCode).toBe(410);
    }
    expect(sink.counts).toMatchObject({ lateClients: 3, refusedClients: 1 });
  });

  it("a slow client is cut off once it is replayBytes behind; others get all", async () => {
    await using sink = sseSink<string>({ replayBytes: 400_000, encode: (text) => text });
    await using server = await EventServer.start(sink.handle);
    const writer = await begin(sink);
    const slow = await ask(server.url);
    await once(slow, "readable");
    slow.pause();
    const cut = new Promise((resolve) => slow.on("close", resolve));
    slow.on("error", () => {});
    const quick = await ask(server.url);
    let received = 0;
    let committed = 0;
    let isAll = (): void => {};
    quick.on("data", (text: string) => {
      received += text.replaceAll(/[^X]/g, "").length;
      if (received === committed) isAll();
    });
    while (sink.counts.slowClients === 0) {
      const all = new Promise<void>((resolve) => (isAll = resolve));
      const ten = Array.from({ length: 10 }, () => "X".repeat(10_000));
      committed += 10 * 10_000;
      await commit(writer, ten);
      await all;
    }
    slow.resume();
    await cut;
    expect(received).toBe(committed);
    expect(sink.counts).toMatchObject({ clients: 1, slowClients: 1 });
    quick.destroy();
  });

  it("more than half of replayBytes between two checkpoints is refused by name", async () => {
    await using sink = sseSink<string>({ replayBytes: 100, encode: (text) => text });
    const writer = await begin(sink);
    expect(() => writer.write(["x".repeat(50)])).toThrow(/replayBytes \(100\)/);
    expect(() => sink.open({ ...context, subtasks: 2 })).toThrow(/one subtask/);
  });

  it("9.2.7: comments keep connections alive; one client more than maxClients is answered 503", async () => {
    const clock = new VirtualClock();
    await using sink = sseSink<string>({ heartbeatMs: 5_000, maxClients: 1 }, { clock });
    await using server = await EventServer.start(sink.handle);
    await begin(sink);
    const client = await ask(server.url);
    await until(client, "\n\n");
    expect((await ask(server.url)).statusCode).toBe(503);
    await clock.advance(5_000);
    expect(await until(client, "\n\n")).toBe(":\n\n");
    client.destroy();
  });

  it("from a job to a job: each record once, though the first crashes and the connection is cut", async () => {
    const input = Array.from({ length: 40 }, (_, at) => at);
    for (const at of ["batch", "before-commit"] as const) {
      await using sink = sseSink<number>();
      await using server = await EventServer.start(sink.handle);
      const pipeline = createPipeline();
      pipeline.from(fromArray(input, { batchSize: 5 })).to(sink, "out");
      await begin(sink);
      const stop = new AbortController();
      const source = sseSource({
        ...{ url: server.url, decode: ({ data }) => Number(data), retryMs: 1 },
      });
      const reader = await source.open({
        ...{ id: "in", subtask: 0, subtasks: 1, positions: new Map(), signal: stop.signal },
      });
      const batches = (reader as AsyncIterable<{ records: readonly number[] }>)[
        Symbol.asyncIterator
      ]();
      await batches.next();
      const next = batches.next();
      while (sink.counts.clients === 0) await new Promise((resolve) => setImmediate(resolve));
      const crashes = [3, 2, 2].map((afterBatches) => ({ afterBatches, at }));
      await runForTest(pipeline, { checkpointEvery: 2, crashes });
      const received = [...(await next).value.records] as number[];
      server.server.closeAllConnections();
      while (received.length < input.length) {
        received.push(...((await batches.next()).value.records as number[]));
      }
      expect(received).toEqual(input);
      stop.abort();
      await batches.return?.(undefined);
    }
  });
});
