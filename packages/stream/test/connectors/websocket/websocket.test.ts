import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import {
  webSocketSink,
  webSocketSource,
  type WebSocketSourceOptions,
} from "../../../src/connectors/websocket/index.ts";
import { type Batch, createPipeline, MemorySink, runForTest } from "../../../src/index.ts";

const context = { id: "it", subtask: 0, subtasks: 1 };

/** On a port of its own; `close` ends all connections. */
async function serve(
  handle: (socket: WebSocket, path: string) => void,
  options: { readonly autoPong?: boolean } = {},
): Promise<AsyncDisposable & { readonly url: string; readonly paths: string[] }> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, ...options });
  const paths: string[] = [];
  server.on("connection", (socket, { url = "" }) => {
    paths.push(url);
    handle(socket, url);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    paths,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      http.close();
      await once(http, "close");
    },
  };
}

type Options<T, P> = Partial<WebSocketSourceOptions<T, P>>;

function texts<P = never>(url: string, options: Options<string, P> = {}) {
  return webSocketSource<string, P>({ url, decode: String, retryMs: 0, ...options });
}

async function read<P = never>(url: string, options: Options<string, P> = {}): Promise<string[]> {
  const { signal } = new AbortController();
  const records: string[] = [];
  const place = { ...context, positions: new Map(), signal };
  for await (const batch of await texts(url, options).open(place)) records.push(...batch.records);
  return records;
}

const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/** Goes on after the number in its path; three messages a connection. */
function letters(socket: WebSocket, path: string): void {
  const after = Number(path.slice(1));
  const some = LETTERS.slice(after, after + 3);
  for (const [at, letter] of some.entries()) socket.send(`${after + at + 1} ${letter}`);
  socket.close(after + some.length === LETTERS.length ? 1_000 : 1_012);
}

describe("webSocketSource", () => {
  it("reads text and binary messages until the server closes with 1000", async () => {
    await using server = await serve((socket) => {
      socket.on("message", (said: Buffer) => {
        socket.send(said.toString());
        socket.send(Buffer.from([1, 2]));
        socket.close(1_000);
      });
    });
    const kinds: unknown[] = [];
    await read(server.url, {
      hello: () => "hello",
      decode: (message) => {
        kinds.push(message);
        return "";
      },
    });
    expect(kinds).toEqual(["hello", Buffer.from([1, 2])]);
  });

  it("exactly once through crashes and broken connections, when messages carry a position", async () => {
    for (const at of ["batch", "before-commit"] as const) {
      await using server = await serve(letters);
      const sink = new MemorySink<string>();
      const pipeline = createPipeline();
      const source = webSocketSource<string, number>({
        url: (after) => `${server.url}/${after}`,
        ...{ from: 0, decode: String, positionOf: (text) => Number.parseInt(text, 10), retryMs: 0 },
      });
      pipeline.from(source).to(sink, "out");
      const crashes = [1, 2, 3].map((afterBatches) => ({ afterBatches, at }));
      await runForTest(pipeline, { checkpointEvery: 2, crashes });
      expect(sink.committed).toEqual(LETTERS.map((letter, number) => `${number + 1} ${letter}`));
    }
  });

  it("without positions, what a broken connection lost is said: position-lost, or go-on", async () => {
    await using server = await serve((socket) => {
      socket.send("a");
      socket.close(server.paths.length % 2 === 1 ? 1_011 : 1_000);
    });
    await expect(read(server.url)).rejects.toMatchObject({ code: "position-lost" });
    server.paths.length = 0;
    expect(await read(server.url, { afterLoss: "go-on" })).toEqual(["a", "a"]);
  });

  it("a message over maxPayload is an invalid-record", async () => {
    await using server = await serve((socket) => socket.send("x".repeat(1_001)));
    await expect(read(server.url, { maxPayload: 1_000 })).rejects.toMatchObject({
      ...{ code: "invalid-record", message: expect.stringContaining("maxPayload (1000 bytes)") },
    });
  });

  it("nobody listens: unavailable after retryForMs", async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    const failed = read(server.url, { retryForMs: 0 });
    await expect(failed).rejects.toMatchObject({ code: "unavailable" });
  });

  it("keeps backpressure: at maxMessages the socket is paused", async () => {
    let sent = 0;
    await using server = await serve((socket) => {
      for (; sent < 500; sent++) socket.send(String(sent).padEnd(10_000));
      socket.close(1_000);
    });
    const stop = new AbortController();
    const place = { ...context, positions: new Map(), signal: stop.signal };
    const opened = texts(server.url, { maxMessages: 10 }).open(place);
    const records: string[] = [];
    for await (const batch of (await opened) as AsyncIterable<Batch<string>>) {
      // Those that are held, and those of one read of the socket (64 KiB).
      expect(batch.records.length).toBeLessThanOrEqual(10 + 7);
      records.push(...batch.records);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(records.map(Number)).toEqual(Array.from({ length: 500 }, (_, at) => at));
  });

  it("a ping without an answer until the next ends the connection", async () => {
    const clock = new VirtualClock();
    const isPinged = { count: 0 };
    const handle = (socket: WebSocket): void => {
      if (server.paths.length > 1) return socket.close(1_000);
      socket.on("ping", () => isPinged.count++);
      socket.send("a");
    };
    await using server = await serve(handle, { autoPong: false });
    const source = webSocketSource<string>(
      { url: server.url, decode: String, retryMs: 1, pingMs: 1_000, afterLoss: "go-on" },
      { clock },
    );
    const stop = new AbortController();
    const place = { ...context, positions: new Map(), signal: stop.signal };
    const batches = (await source.open(place)) as AsyncGenerator<Batch<string>>;
    await batches.next();
    expect((await batches.next()).value.records).toEqual(["a"]);
    const next = batches.next();
    await clock.advance(1_000);
    while (isPinged.count === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1_000);
    const state = { isOver: false };
    void next.then(() => (state.isOver = true));
    while (!state.isOver) {
      await clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await next).toMatchObject({ value: { isLast: true } });
    expect(server.paths.length).toBeGreaterThan(1);
  });
});

describe("webSocketSink", () => {
  it("messages appear when their checkpoint is committed; a client may go on after an id", async () => {
    await using sink = webSocketSink<number>({ encode: (value, id) => `${id} ${value}` });
    await using server = await serve((socket, path) =>
      sink.handle(socket, path === "/" ? undefined : path.slice(1)),
    );
    await sink.recover(context, []);
    const writer = await sink.open(context);
    const client = new WebSocket(server.url);
    await once(client, "open");
    while (sink.counts.clients === 0) await new Promise((resolve) => setImmediate(resolve));
    await writer.write([1, 2]);
    const transaction = await writer.prepare(1);
    const said: string[] = [];
    const both = new Promise<void>((resolve) => {
      client.on("message", (message: Buffer) => said.push(message.toString()) === 2 && resolve());
    });
    expect(said).toEqual([]);
    await writer.commit(transaction);
    await writer.commit(transaction);
    await both;
    const [id] = (said[0] as string).split(" ");
    const again = new WebSocket(`${server.url}/${id}`);
    const [message] = (await once(again, "message")) as [Buffer];
    expect(message.toString()).toBe(said[1]);
    const late = new WebSocket(`${server.url}/other.1`);
    expect((await once(late, "close"))[0]).toBe(4_410);
    expect(said).toHaveLength(2);
    for (const one of [client, again]) one.terminate();
  });

  it("a slow client is cut off once it is replayBytes behind; others get all", async () => {
    await using sink = webSocketSink<string>({ replayBytes: 400_000, encode: (text) => text });
    await using server = await serve((socket) => sink.handle(socket));
    await sink.recover(context, []);
    const writer = await sink.open(context);
    const [slow, quick] = [new WebSocket(server.url), new WebSocket(server.url)];
    await Promise.all([once(slow, "open"), once(quick, "open")]);
    while (sink.counts.clients < 2) await new Promise((resolve) => setImmediate(resolve));
    slow.pause();
    const cut = once(slow, "close");
    let received = 0;
    let committed = 0;
    let isAll = (): void => {};
    quick.on("message", () => ++received === committed && isAll());
    for (let id = 1; sink.counts.slowClients === 0; id++) {
      const all = new Promise<void>((resolve) => (isAll = resolve));
      committed += 10;
      await writer.write(Array.from({ length: 10 }, () => "x".repeat(10_000)));
      await writer.commit(await writer.prepare(id));
      await all;
    }
    slow.resume();
    await cut;
    expect([received, sink.counts.clients]).toEqual([committed, 1]);
    quick.terminate();
  });

  it("a client that does not answer a ping until the next is cut off", async () => {
    const clock = new VirtualClock();
    await using sink = webSocketSink<string>({ heartbeatMs: 1_000 }, { clock });
    await using server = await serve((socket) => sink.handle(socket));
    await sink.recover(context, []);
    const dead = new WebSocket(server.url, { autoPong: false });
    const closed = once(dead, "close");
    while (sink.counts.clients === 0) await new Promise((resolve) => setImmediate(resolve));
    const pinged = once(dead, "ping");
    await clock.advance(1_000);
    await pinged;
    expect(sink.counts.clients).toBe(1);
    await clock.advance(1_000);
    expect((await closed)[0]).toBe(1_006);
  });
});
