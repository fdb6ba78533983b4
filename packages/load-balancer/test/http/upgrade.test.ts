import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { deadPort } from "../undici/test-server.ts";
import { proxied, proxiedServer, rawAnswer } from "./proxied.ts";

async function echoServer(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  await once(server, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return server;
}

describe("upgrades", () => {
  it("a WebSocket works both ways, and is in flight until it closes", async () => {
    const server = await echoServer();
    const { front, fake, close } = await proxied([(server.address() as AddressInfo).port]);
    onTestFinished(close);
    const socket = new WebSocket(`ws://127.0.0.1:${front.port}/chat`);
    await once(socket, "open");
    const big = "x".repeat(1_000_000);
    socket.send(big);
    const [echo] = (await once(socket, "message")) as [Buffer];
    expect(echo.length).toBe(big.length);
    expect(fake.inFlight).toBe(1);
    const [client] = server.clients;
    socket.close(1000, "done");
    if (client) await once(client, "close");
    await once(socket, "close");
    await new Promise(setImmediate);
    expect(fake.outcomes).toEqual([{ kind: "success", upgraded: true }]);
  });

  it("an endpoint that breaks the connection breaks the client's, and the other way round", async () => {
    const server = await echoServer();
    const { front, close } = await proxied([(server.address() as AddressInfo).port]);
    onTestFinished(close);
    for (const side of ["endpoint", "client"] as const) {
      const accepted = once(server, "connection");
      const socket = new WebSocket(`ws://127.0.0.1:${front.port}/`);
      const [peer] = (await accepted) as [WebSocket];
      await once(socket, "open");
      const [breaks, notices] = side === "endpoint" ? [peer, socket] : [socket, peer];
      const noticed = once(notices, "close");
      breaks.terminate();
      expect((await noticed)[0]).toBe(1006);
    }
  });

  it("an endpoint that refuses the upgrade is heard, body and all", async () => {
    const { front, close } = await proxiedServer((_, response) =>
      response.writeHead(401).end(`${"x".repeat(2_000_000)}not you`),
    );
    onTestFinished(close);
    const answer = await rawAnswer(
      front.port,
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 [^]*not you/);
  });

  it("502 when no endpoint can be reached", async () => {
    const { front, close } = await proxied([await deadPort()]);
    onTestFinished(close);
    const socket = new WebSocket(`ws://127.0.0.1:${front.port}/`);
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain("502");
  });

  it("an unknown protocol (h2c) is not upgraded to, but answered as a plain request", async () => {
    let upgrade: string | undefined = "none yet";
    const { front, close } = await proxiedServer((incoming, response) => {
      ({ upgrade } = incoming.headers);
      response.end("plain");
    });
    onTestFinished(close);
    const answer = await rawAnswer(
      front.port,
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" +
        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*plain/);
    expect(upgrade).toBeUndefined();
  });
});
