import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on a port of its own; `close` ends all connections. */
export class EventServer implements AsyncDisposable {
  readonly server: Server;
  /** The `Last-Event-ID` of each request. */
  readonly asked: (string | undefined)[] = [];

  constructor(handle: (request: IncomingMessage, response: ServerResponse) => void) {
    this.server = createServer((request, response) => {
      this.asked.push(request.headers["last-event-id"] as string | undefined);
      handle(request, response);
    });
  }

  static async start(
    handle: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<EventServer> {
    const made = new EventServer(handle);
    made.server.listen(0, "127.0.0.1");
    await once(made.server, "listening");
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** Begins an answer of events. */
export function events(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "content-type": "text/event-stream" });
}
