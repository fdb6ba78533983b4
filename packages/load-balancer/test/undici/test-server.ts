import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A real server on a free port of 127.0.0.1 that remembers what it got. */
export interface TestServer {
  readonly server: Server;
  readonly port: number;
  readonly requests: readonly string[];
  /** TCP connections accepted so far. */
  readonly connections: number;
  readonly close: () => Promise<void>;
}

export async function testServer(listener: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that is closed when the test is over. */
export async function serve(listener: RequestListener): Promise<TestServer> {
  const server = await testServer(listener);
  onTestFinished(() => server.close());
  return server;
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function deadPort(): Promise<number> {
  const gone = await testServer(() => {});
  await gone.close();
  return gone.port;
}
