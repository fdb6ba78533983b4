import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Endpoint, httpCheck, tcpCheck } from "../../src/index.ts";
import { deadPort } from "../undici/test-server.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** The first connection to the server is over. */
function disconnected(server: Server): Promise<unknown> {
  return new Promise((resolve) =>
    server.once("connection", (socket: Socket) => socket.once("close", resolve)),
  );
}

function at(port: number): Endpoint {
  return { id: "a", host: "127.0.0.1", port };
}

const never = new AbortController().signal;

describe("tcpCheck", () => {
  it("healthy where a connection is accepted, which it closes at once", async () => {
    const server = createServer((socket) => socket.resume());
    const port = await listening(server);
    const gone = disconnected(server);
    await expect(tcpCheck()(at(port), never)).resolves.toBeUndefined();
    await gone;
  });

  it("unhealthy where it is refused, or when it is aborted", async () => {
    await expect(tcpCheck()(at(await deadPort()), never)).rejects.toThrow("ECONNREFUSED");
    const aborted = new AbortController();
    // A connection is never there in the same turn of the event loop.
    const checking = tcpCheck()(at(await listening(createServer())), aborted.signal);
    aborted.abort(new Error("too late"));
    await expect(checking).rejects.toThrow("too late");
  });
});

describe("httpCheck", () => {
  it("asks for what it is told to, and goes by the status", async () => {
    const seen: string[] = [];
    const port = await listening(
      createHttpServer((request, response) => {
        seen.push(`${request.method} ${request.url} ${String(request.headers["x-probe"])}`);
        response.writeHead(request.url === "/sick" ? 503 : 204).end();
      }),
    );
    const headers = { "x-probe": "yes" };
    await httpCheck({ path: "/well", method: "HEAD", headers })(at(port), never);
    await expect(httpCheck({ path: "/sick" })(at(port), never)).rejects.toThrow("it answered 503");
    const lenient = httpCheck({ path: "/sick", isHealthy: (status) => status < 600 });
    await lenient({ ...at(1), url: `http://127.0.0.1:${port}` }, never);
    expect(seen).toEqual(["HEAD /well yes", "GET /sick undefined", "GET /sick undefined"]);
  });

  it("does not wait for the body, and leaves no connection open", async () => {
    const server = createHttpServer((_request, response) => {
      response.writeHead(200).write("the first of endless bytes");
    });
    const port = await listening(server);
    const gone = disconnected(server);
    await expect(httpCheck()(at(port), never)).resolves.toBeUndefined();
    await gone;
  });

  it("unhealthy where it is refused, where there is no HTTP, or when it is aborted", async () => {
    await expect(httpCheck()(at(await deadPort()), never)).rejects.toThrow("ECONNREFUSED");
    const noHttp = await listening(createServer((socket) => socket.end("SSH-2.0\r\n\r\n")));
    await expect(httpCheck()(at(noHttp), never)).rejects.toThrow("Parse Error");
    const aborted = new AbortController();
    const silent = createHttpServer(() => aborted.abort());
    await expect(httpCheck()(at(await listening(silent)), aborted.signal)).rejects.toThrow(
      "aborted",
    );
  });
});
