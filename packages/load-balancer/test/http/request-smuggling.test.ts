import { describe, expect, it, onTestFinished } from "vitest";
import { type Proxied, proxied, rawAnswer, rawServer } from "./proxied.ts";

/** A proxy whose endpoint writes down the bytes that reach it. */
async function recorded(): Promise<Proxied & { readonly received: string[] }> {
  const server = await rawServer((socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"),
  );
  onTestFinished(() => server.close());
  const proxy = await proxied([server.port]);
  onTestFinished(() => proxy.close());
  return { ...proxy, received: server.received };
}

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";

const AMBIGUOUS: Record<string, string> = {
  "RFC 9112 §6.1: both Content-Length and Transfer-Encoding": `${HEAD}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`,
  "RFC 9112 §6.3: two different Content-Lengths": `${HEAD}Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello!`,
  "two equal Content-Lengths": `${HEAD}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  "a list of Content-Lengths": `${HEAD}Content-Length: 5, 5\r\n\r\nhello`,
  "a Content-Length with a sign": `${HEAD}Content-Length: +5\r\n\r\nhello`,
  "a Content-Length in hexadecimal": `${HEAD}Content-Length: 0x5\r\n\r\nhello`,
  "a Transfer-Encoding that does not end in chunked": `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  "a Transfer-Encoding that only contains the word": `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  "two Transfer-Encodings": `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "a space before the colon": `${HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  "RFC 9112 §5.2: obs-fold": `${HEAD}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  "a bare LF between headers": `${HEAD}X: y\nContent-Length: 5\r\n\r\nhello`,
  "a bare CR within a header": `${HEAD}X: y\rContent-Length: 5\r\n\r\nhello`,
  "a NUL within a header": `${HEAD}X: y\0z\r\nContent-Length: 0\r\n\r\n`,
  "two Hosts": `GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n`,
  "no Host": `GET / HTTP/1.1\r\nConnection: close\r\n\r\n`,
  "a chunk size that overflows": `${HEAD}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff1\r\nx`,
  "an upgrade with a body":
    "POST / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" +
    "Content-Length: 5\r\n\r\nhello",
  "a target without a path": "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
};

describe("requests that two servers may read differently", () => {
  for (const [title, bytes] of Object.entries(AMBIGUOUS)) {
    it(`${title}: refused, and no second request reaches the endpoint`, async () => {
      const { front, received } = await recorded();
      const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
      const answer = await rawAnswer(front.port, bytes + smuggled);
      expect(answer).toMatch(/^HTTP\/1\.1 (400|501|502) /);
      expect(received.join("")).not.toContain("/smuggled");
      expect(answer).not.toContain("200 OK");
    });
  }

  it("a chunked body is framed anew: its extensions and trailers go nowhere", async () => {
    const { front, received } = await recorded();
    await rawAnswer(
      front.port,
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n`,
    );
    expect(received.join("")).toContain("transfer-encoding: chunked");
    expect(received.join("")).not.toMatch(/ext=1|X-Trailer/i);
  });
});
