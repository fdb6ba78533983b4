import type { Duplex } from "node:stream";
import { type Clock, systemClock } from "@quorate/runtime";
import { type ClientOptions, createWebSocketStream, WebSocket } from "ws";
import type { Batch, Source, SourceContext } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { decodeAll, type OnInvalid } from "../decoding.ts";
import { available } from "../reconnect/available.ts";
import { Backoff, type ReconnectOptions } from "../reconnect/backoff.ts";
import {
  checkNothingLost,
  type LossOptions,
  type ResumePosition,
} from "../reconnect/resume-position.ts";
import { keepAlive } from "./keep-alive.ts";

/** Text messages are strings. */
export type WebSocketMessage = string | Buffer;

export interface WebSocketSourceOptions<T, P = never> extends ReconnectOptions, LossOptions {
  /** `ws:` or `wss:`; by the position that the server is to go on after, if it takes it there. */
  readonly url: string | ((after: P | undefined) => string);
  readonly protocols?: readonly string[];
  /** Of `ws`: headers, certificates, an agent. */
  readonly client?: Omit<ClientOptions, "maxPayload">;
  readonly decode: (message: WebSocketMessage) => T;
  /** @default the source fails with `invalid-record` */
  readonly onInvalid?: OnInvalid<WebSocketMessage>;
  /** What to say first on each connection: to subscribe, after a position. */
  readonly hello?: (after: P | undefined) => WebSocketMessage;
  /**
   * What a record carries that the server can be asked to go on after, a plain value. Without it, each
   * connection after the first is `position-lost` (see `afterLoss`).
   */
  readonly positionOf?: (record: T) => P | undefined;
  /** The position of a run that starts from nothing. @default wherever the server begins */
  readonly from?: P;
  /** Bytes of a message, beyond which it is an `invalid-record`: it is never held. @default 1 MiB */
  readonly maxPayload?: number;
  /**
   * Messages that are held, besides those of one read of the socket (64 KiB); at them, it is paused.
   *
   * @default 1024
   */
  readonly maxMessages?: number;
  /**
   * Milliseconds between two pings; without an answer to one until the next, it connects again.
   *
   * @default 30000
   */
  readonly pingMs?: number;
}

/**
 * Messages of a WebSocket (RFC 6455), read by one subtask. The protocol has no positions: what a
 * connection that breaks had on its way is lost, unless messages carry one of their own (`positionOf`)
 * and the server goes on after it. Then, and only then, each is read exactly once. A server ends the
 * source by closing with 1000.
 */
export function webSocketSource<T, P = never>(
  options: WebSocketSourceOptions<T, P>,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Source<T> {
  const { url, protocols = [], client, decode, onInvalid, hello, positionOf, from } = options;
  const { maxPayload = 2 ** 20, maxMessages = 1_024, pingMs = 30_000 } = options;
  for (const [name, value] of Object.entries({ maxPayload, maxMessages, pingMs })) {
    if (value >= 1 && value < 2 ** 31) continue;
    throw new StreamError("invalid-option", `${name} must be from 1 to 2^31 - 1, not ${value}`);
  }
  let hasGiven = false;

  async function* batches({ subtask, positions, signal }: SourceContext): AsyncGenerator<Batch<T>> {
    if (subtask !== 0) return;
    const start = { after: from, unmarked: 0 };
    let position = (positions.get("") ?? start) as ResumePosition<P>;
    const urlNow = (): string => (typeof url === "string" ? url : url(position.after));
    const backoff = new Backoff(options, clock, signal);
    checkNothingLost(urlNow(), position, hasGiven, options);
    yield { records: [], position };
    while (!signal.aborted) {
      let failure: unknown;
      const greeting = hello?.(position.after);
      const socket = new WebSocket(urlNow(), [...protocols], { ...client, maxPayload });
      // One that is given up before it is open says so, perhaps when nobody reads it any more.
      socket.on("error", () => {});
      const abort = (): void => socket.terminate();
      signal.addEventListener("abort", abort);
      const closed = new Promise<number>((resolve) => socket.once("close", resolve));
      const stop = keepAlive(socket, pingMs, clock);
      socket.once("open", () => {
        backoff.connected();
        if (greeting !== undefined) socket.send(greeting);
      });
      try {
        for await (const messages of available<WebSocketMessage>(messagesOf(socket, maxMessages))) {
          backoff.succeeded();
          hasGiven = true;
          const records = decodeAll(messages, decode, () => urlNow(), onInvalid);
          position = positionAfter(position, records, positionOf);
          yield { records, position };
        }
        if ((await closed) === NORMAL) return yield { records: [], position, isLast: true };
      } catch (error) {
        if (signal.aborted) return;
        failure = typed(error, urlNow(), maxPayload);
        if (failure instanceof StreamError) throw failure;
      } finally {
        stop();
        signal.removeEventListener("abort", abort);
        socket.terminate();
      }
      await backoff.wait(urlNow(), failure);
      if (!signal.aborted) checkNothingLost(urlNow(), position, hasGiven, options);
    }
  }
  return { open: (context) => batches(context) };
}

/** RFC 6455, section 7.4.1: what the connection was there for is done. */
const NORMAL = 1_000;

/** It pauses the socket by itself when it holds so many. */
function messagesOf(socket: WebSocket, maxMessages: number): Duplex {
  return createWebSocketStream(socket, {
    readableObjectMode: true,
    readableHighWaterMark: maxMessages,
  });
}

function positionAfter<T, P>(
  { after, unmarked }: ResumePosition<P>,
  records: readonly T[],
  positionOf: ((record: T) => P | undefined) | undefined,
): ResumePosition<P> {
  const last = records.findLastIndex((record) => positionOf?.(record) !== undefined);
  if (last >= 0) {
    return { after: positionOf?.(records[last] as T), unmarked: records.length - 1 - last };
  }
  return { after, unmarked: unmarked + records.length };
}

function typed(error: unknown, url: string, maxPayload: number): unknown {
  if ((error as NodeJS.ErrnoException).code !== "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return error;
  const text = `${url}: a message is over maxPayload (${maxPayload} bytes)`;
  return new StreamError("invalid-record", text, { cause: error });
}
