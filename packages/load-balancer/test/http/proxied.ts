import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createProxyHandler, type ProxyHandlerOptions } from "../../src/http/index.ts";
import { FakeBalancer } from "../undici/fake-balancer.ts";
import { type TestServer, testServer } from "../undici/test-server.ts";

/** A proxy in front of ports. */
export interface Proxied {
  readonly fake: FakeBalancer;
  readonly front: TestServer;
  readonly errors: readonly [number, string][];
  readonly close: () => Promise<void>;
}

export async function proxied(
  ports: readonly number[],
  options: ProxyHandlerOptions = {},
): Promise<Proxied> {
  const fake = new FakeBalancer(ports);
  const errors: [number, string][] = [];
  const handler = createProxyHandler(fake.balancer, {
    onError: (error, _request, status) => errors.push([status, error.message]),
    ...options,
  });
  const front = await testServer(() => {});
  front.server.removeAllListeners("request");
  handler.attach(front.server);
  const close = async (): Promise<void> => {
    await front.close();
    await handler.close();
  };
  return { fake, front, errors, close };
}

/** A proxy in front of one real server. */
export async function proxiedServer(
  listener: RequestListener,
  options: ProxyHandlerOptions = {},
): Promise<Proxied & { readonly upstream: TestServer }> {
  const upstream = await testServer(listener);
  const proxy = await proxied([upstream.port], options);
  const close = async (): Promise<void> => {
    await upstream.close();
    await proxy.close();
  };
  return { ...proxy, upstream, close };
}

/** What a server answers to bytes as they are, until it closes or `until` is in it. */
export async function rawAnswer(port: number, bytes: string, until?: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes, "latin1");
  let answer = "";
  for await (const chunk of socket) {
    answer += (chunk as Buffer).toString("latin1");
    if (until !== undefined && answer.includes(until)) break;
  }
  socket.destroy();
  return answer;
}

/** A server that sends `answer` to each connection's first bytes, whatever these are. */
export async function rawServer(answer: (socket: Socket, received: string) => void): Promise<{
  readonly port: number;
  readonly received: string[];
  readonly close: () => Promise<void>;
}> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", (bytes) => {
      received.push(bytes.toString("latin1"));
      answer(socket, bytes.toString("latin1"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, received, close };
}
