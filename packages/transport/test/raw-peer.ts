import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { FrameKind } from "../src/session/frame.ts";
import { HEADER_BYTES, writeHeader } from "../src/tcp/frame-header.ts";
import {
  encodeGreeting,
  type Greeting,
  GreetingDecoder,
  type Refusal,
} from "../src/tcp/greeting.ts";
import type { TcpAddress } from "../src/tcp/index.ts";

/** A bare socket to a node, destroyed when the test is over. */
export async function rawSocket({ host, port }: TcpAddress): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {}); // `close` follows
  await once(socket, "connect");
  return socket;
}

/** Resolves when the node has closed the socket. */
export async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, "close");
}

/** The greeting of a node named `from` to one named `to`. */
export function greeting(from: string, to: string, fields: Partial<Greeting> = {}): Uint8Array {
  return encodeGreeting({
    version: 1,
    clusterId: "test",
    from,
    to,
    incarnation: `the incarnation of ${from}`,
    sequence: 1,
    maxMessageBytes: 1_024 * 1_024,
    streamWindowBytes: 64 * 1_024,
    ...fields,
  });
}

/** What the node answers to a greeting. */
export function answer(socket: Socket): Promise<Greeting | Refusal> {
  const decoder = new GreetingDecoder();
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      const complete = decoder.push(chunk);
      if (!complete) return;
      socket.off("data", read).pause();
      resolve(complete.greeting);
    };
    socket.on("data", read).once("close", () => reject(new Error("closed without an answer")));
  });
}

/** A socket on which the greetings have been exchanged; paused. */
export async function greeted(address: TcpAddress, from: string, to: string): Promise<Socket> {
  const socket = await rawSocket(address);
  socket.write(greeting(from, to));
  const reply = await answer(socket);
  if ("refused" in reply) throw new Error(reply.refused);
  return socket;
}

export function frame(
  kind: FrameKind,
  number: number,
  id: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  writeHeader(new DataView(bytes.buffer, bytes.byteOffset), 0, payload.length, kind, number, id);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}
