import type { Duplex } from "node:stream";

/**
 * Joins a client and an endpoint that agreed on another protocol: bytes both ways with backpressure,
 * until both have ended or one breaks; then neither stays open.
 */
export function connectTunnel(
  client: Duplex,
  upstream: Duplex,
  protocol: string,
  headers: readonly string[],
  head: Buffer,
): void {
  let lines = `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n`;
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  client.write(`${lines}\r\n`, "latin1");
  if (head.length > 0) upstream.write(head);
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.once("close", () => to.destroy());
  }
}
