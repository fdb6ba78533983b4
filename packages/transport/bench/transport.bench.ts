import { once } from "node:events";
import { defineBench, measured, percentile, type Sample } from "@quorate/bench";
import { type Clients, openClients } from "./clients.ts";

const PAYLOAD = new Uint8Array(256);
const EMPTY: Uint8Array = new Uint8Array(0);

/** Messages that are sent before the event loop turns once, as a busy program would. */
const MESSAGES_A_TURN = 1_000;

export default defineBench(async (options) => {
  const clients = await openClients();
  const count = options.quick ? 50_000 : 2_000_000;
  const roundTrips = options.quick ? 500 : 5_000;
  const requests = options.quick ? 20_000 : 200_000;
  const streamBytes = (options.quick ? 16 : 256) * 1_024 * 1_024;
  try {
    return [
      await measured(options, {
        case: "one-way messages of 256 bytes, two processes",
        unit: "M/s",
        ours: () => oneWayOurs(clients, count),
        peers: {
          ws: () => oneWayWs(clients, count / 10),
          zeromq: () => oneWayZmq(clients, count / 20),
        },
        goal: ({ ours }) => ({ goal: 1, met: ours >= 1 }),
      }),
      await measured(options, {
        case: "round trip of 256 bytes, one outstanding, p50",
        unit: "ms",
        ours: () => latency(roundTrips, () => clients.transport.request("child", "echo", PAYLOAD)),
        peers: {
          "bare node:net echo": () => latency(roundTrips, bareEcho(clients)),
          ws: () => latency(roundTrips, wsEcho(clients)),
          zeromq: () => latency(roundTrips, () => zmqEcho(clients)),
        },
        goal: ({ ours, peers }) => {
          const goal = 2 * peers["bare node:net echo"];
          return { goal, met: ours <= goal };
        },
      }),
      await measured(options, {
        case: "requests of 256 bytes, 1,000 in flight",
        unit: "k/s",
        ours: () => inFlight(requests, () => clients.transport.request("child", "echo", PAYLOAD)),
        peers: {
          "bare node:net echo": () => inFlight(requests / 4, bareEcho(clients)),
          ws: () => inFlight(requests / 4, wsEcho(clients)),
        },
      }),
      await measured(options, {
        case: "one stream, chunks of 64 KiB",
        unit: "MB/s",
        ours: () => streamOurs(clients, streamBytes),
        peers: { "bare node:net": () => streamBare(clients, streamBytes) },
      }),
    ];
  } finally {
    await clients.close();
  }
});

async function oneWayOurs({ transport }: Clients, count: number): Promise<Sample> {
  const startedAt = performance.now();
  for (let sent = 0; sent < count;) {
    const isQueued = transport.send("child", "message", PAYLOAD);
    if (isQueued) sent++;
    if (!isQueued || sent % MESSAGES_A_TURN === 0) await turn();
  }
  // Answered in turn, so after all messages have been delivered.
  await transport.request("child", "messages", EMPTY, { timeoutMs: 60_000 });
  return perSecond(count, startedAt, 1e6);
}

async function oneWayWs({ ws }: Clients, count: number): Promise<Sample> {
  const startedAt = performance.now();
  for (let sent = 1; sent <= count; sent++) {
    ws.send(PAYLOAD);
    if (sent % MESSAGES_A_TURN === 0) await turn();
  }
  ws.send("how many?");
  await once(ws, "message");
  return perSecond(count, startedAt, 1e6);
}

async function oneWayZmq({ zmqSink, child }: Clients, count: number): Promise<Sample> {
  const startedAt = performance.now();
  const drained = once(child, "message");
  for (let sent = 1; sent <= count; sent++) await zmqSink.send(PAYLOAD);
  await zmqSink.send(EMPTY);
  await drained;
  return perSecond(count, startedAt, 1e6);
}

async function latency(count: number, roundTrip: () => Promise<unknown>): Promise<Sample> {
  const samplesMs: number[] = [];
  for (let at = 0; at < count; at++) {
    const startedAt = performance.now();
    await roundTrip();
    samplesMs.push(performance.now() - startedAt);
  }
  const p50Ms = percentile(samplesMs, 50);
  return { value: p50Ms, p50Ms, p99Ms: percentile(samplesMs, 99) };
}

/** Echoes come back in order, so whoever waits longest is served next. */
function bareEcho({ echo }: Clients): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let bytes = 0;
  echo.removeAllListeners("data").on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    const whole = Math.floor(bytes / PAYLOAD.length);
    bytes -= whole * PAYLOAD.length;
    for (const done of waiting.splice(0, whole)) done();
  });
  return () => {
    echo.write(PAYLOAD);
    return new Promise((resolve) => waiting.push(resolve));
  };
}

function wsEcho({ ws }: Clients): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const question = PAYLOAD.slice();
  question[0] = 1;
  ws.removeAllListeners("message").on("message", () => waiting.shift()?.());
  return () => {
    ws.send(question);
    return new Promise((resolve) => waiting.push(resolve));
  };
}

async function zmqEcho({ zmqEcho: socket }: Clients): Promise<void> {
  await socket.send(PAYLOAD);
  await socket.receive();
}

async function inFlight(count: number, request: () => Promise<unknown>): Promise<Sample> {
  const samplesMs: number[] = [];
  const startedAt = performance.now();
  let left = count;
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const askedAt = performance.now();
      await request();
      samplesMs.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: 1_000 }, caller));
  const { value } = perSecond(count, startedAt, 1e3);
  return { value, p50Ms: percentile(samplesMs, 50), p99Ms: percentile(samplesMs, 99) };
}

async function streamOurs({ transport }: Clients, bytes: number): Promise<Sample> {
  const chunk = new Uint8Array(64 * 1_024);
  const stream = await transport.openStream("child", "stream");
  const startedAt = performance.now();
  for (let sent = 0; sent < bytes; sent += chunk.length) await stream.write(chunk);
  await stream.end();
  for await (const _ of stream) break; // its one answer: all was read
  return perSecond(bytes, startedAt, 1e6);
}

async function streamBare({ sink }: Clients, bytes: number): Promise<Sample> {
  const chunk = Buffer.alloc(64 * 1_024);
  chunk.writeBigUInt64LE(BigInt(bytes));
  const socket = await sink();
  const startedAt = performance.now();
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  await once(socket, "data");
  socket.destroy();
  return perSecond(bytes, startedAt, 1e6);
}

function perSecond(count: number, startedAt: number, unit: number): Sample {
  return { value: count / ((performance.now() - startedAt) / 1_000) / unit };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
