import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type BroadcastDependencies,
  type BroadcastOptions,
  broadcastSink,
  type BroadcastSink,
} from "../broadcast/broadcast-sink.ts";

export interface SseSinkOptions<T> extends BroadcastOptions {
  /** The data of an event, or its type, too. @default JSON.stringify */
  readonly encode?: (record: T) => string | { readonly event: string; readonly data: string };
  /** Milliseconds after which clients are asked to come back. @default 1000 */
  readonly retryMs?: number;
}

export interface SseSink<T> extends BroadcastSink<T> {
  /**
   * Answers a request with events, from now on or after its `Last-Event-ID`; with 410 if events after that
   * are kept no more, with 503 before the job has started and when there are `maxClients`. Which
   * requests come here, and CORS (by `response.setHeader` before), are the server's.
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * Server-sent events (WHATWG HTML, section 9.2) to any number of clients of a server of yours. An event
 * appears when its checkpoint is committed, with an id that a restart gives it again. A client that
 * comes back with the last id that it has gets each event once, in order, or a 410: as far back as
 * `replayBytes`; after the process died, the events of the last checkpoint.
 */
export function sseSink<T>(
  options: SseSinkOptions<T> = {},
  dependencies: BroadcastDependencies = {},
): SseSink<T> {
  const { encode = (record: T): string => JSON.stringify(record), retryMs = 1_000 } = options;
  const { broadcaster, sink } = broadcastSink<T>(
    (record, id) => `id: ${id}\n${eventText(encode(record))}`,
    options,
    dependencies,
  );
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const header = request.headers["last-event-id"];
    // An empty one is none.
    const after = typeof header === "string" && header !== "" ? header : undefined;
    const admitted = broadcaster.admits(after);
    if (admitted !== "yes") {
      response.writeHead(admitted === "late" ? 410 : 503).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    // The id lets one that leaves before its first event come back to this place.
    response.write(`retry: ${retryMs}\nid: ${after ?? broadcaster.idOf(broadcaster.next - 1)}\n\n`);
    const outlet = {
      write: ({ bytes }: { readonly bytes: Uint8Array }) => response.write(bytes),
      cutOff: () => response.destroy(),
      // One that is full needs no sign of life, and must not grow by them.
      beat: () => void (response.writableNeedDrain || response.write(":\n\n")),
      end: () => response.end(),
    };
    const client = broadcaster.add(outlet, after);
    response.on("drain", () => client.hasRoom());
    response.on("close", () => client.remove());
  };
  return Object.defineProperties({ ...sink, handle }, Object.getOwnPropertyDescriptors(sink));
}

function eventText(encoded: string | { readonly event: string; readonly data: string }): string {
  const { event, data } = typeof encoded === "string" ? { event: "", data: encoded } : encoded;
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  // A line feed in a type would begin another field.
  const type = event === "" ? "" : `event: ${event.replaceAll(/[\r\n]/g, " ")}\n`;
  return `${type}${lines.join("")}\n`;
}
