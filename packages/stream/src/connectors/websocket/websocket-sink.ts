import type { WebSocket } from "ws";
import {
  type BroadcastDependencies,
  type BroadcastOptions,
  broadcastSink,
  type BroadcastSink,
} from "../broadcast/broadcast-sink.ts";
import type { Frame } from "../broadcast/replay-ring.ts";

export interface WebSocketSinkOptions<T> extends BroadcastOptions {
  /** A string becomes a text message. The id is what `after` may be later. @default JSON.stringify */
  readonly encode?: (record: T, id: string) => string | Uint8Array;
  /** Bytes that a socket may hold before it is given no more. @default 64 KiB */
  readonly socketBytes?: number;
}

export interface WebSocketSink<T> extends BroadcastSink<T> {
  /**
   * Sends to a socket that was accepted (`server.on("connection", …)`): from now on, or after an id
   * that your protocol carries. It is closed with 4410 if what follows that is kept no more, with 1013
   * (try again later) before the job has started and when there are `maxClients`.
   */
  readonly handle: (socket: WebSocket, after?: string) => void;
}

/**
 * Messages to any number of clients of a `ws` server of yours, when their checkpoint is committed. A
 * client that is `replayBytes` behind is cut off; one that does not answer a ping, too.
 */
export function webSocketSink<T>(
  options: WebSocketSinkOptions<T> = {},
  dependencies: BroadcastDependencies = {},
): WebSocketSink<T> {
  const { encode = (record: T): string => JSON.stringify(record), socketBytes = 2 ** 16 } = options;
  const { broadcaster, sink } = broadcastSink<T>(encode, options, dependencies);
  const handle = (socket: WebSocket, after?: string): void => {
    socket.on("error", () => socket.terminate());
    const admitted = broadcaster.admits(after);
    if (admitted !== "yes") {
      socket.close(admitted === "late" ? LATE : TRY_AGAIN_LATER);
      return;
    }
    let isHeard = true;
    let isHeld = false;
    const written = (): void => {
      if (!isHeld || socket.bufferedAmount >= socketBytes) return;
      isHeld = false;
      client.hasRoom();
    };
    const outlet = {
      write: ({ bytes, isText }: Frame) => {
        socket.send(bytes, { binary: !isText }, written);
        isHeld = socket.bufferedAmount >= socketBytes;
        return !isHeld;
      },
      cutOff: () => socket.terminate(),
      beat: () => {
        if (!isHeard) return socket.terminate();
        isHeard = false;
        socket.ping();
      },
      end: () => socket.close(GOING_AWAY),
    };
    const client = broadcaster.add(outlet, after);
    socket.on("pong", () => (isHeard = true));
    socket.on("close", () => client.remove());
  };
  return Object.defineProperties({ ...sink, handle }, Object.getOwnPropertyDescriptors(sink));
}

/** RFC 6455, sections 7.4.1 and 7.4.2, and IANA's registry of codes. */
const GOING_AWAY = 1_001;
const TRY_AGAIN_LATER = 1_013;
const LATE = 4_410;
