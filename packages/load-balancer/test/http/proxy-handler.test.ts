import { once } from "node:events";
import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Agent, request } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { LoadBalancerError } from "../../src/index.ts";
import { createProxyHandler } from "../../src/http/index.ts";
import { FakeBalancer } from "../undici/fake-balancer.ts";
import { deadPort } from "../undici/test-server.ts";
import { proxied, proxiedServer, rawAnswer, rawServer } from "./proxied.ts";

async function kept<T extends { close(): Promise<void> }>(made: Promise<T>): Promise<T> {
  const resource = await made;
  onTestFinished(() => resource.close());
  return resource;
}

/** A proxy whose server answers with the headers that it got. */
function mirror(options?: Parameters<typeof proxiedServer>[1]) {
  return kept(
    proxiedServer((incoming, response) => {
      response.end(JSON.stringify(incoming.headers));
    }, options),
  );
}

async function mirrored(port: number, headers: Record<string, string>) {
  // Not the process's: that may be Node's own, which another test's fetch has set, and is stricter.
  const dispatcher = new Agent();
  onTestFinished(() => dispatcher.close());
  const { body } = await request(`http://127.0.0.1:${port}/`, { headers, dispatcher });
  return (await body.json()) as IncomingHttpHeaders;
}

describe("forwarding", () => {
  it("passes method, path, query, body, status, reason and repeated headers both ways", async () => {
    const { front, fake } = await kept(
      proxiedServer((incoming, response) => {
        response.writeHead(207, "Many", ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Mixed", "y"]);
        response.write(`${incoming.method} ${incoming.url} `);
        incoming.pipe(response);
      }),
    );
    const answer = await rawAnswer(
      front.port,
      "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 207 Many\r\n/);
    expect(answer).toContain("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Mixed: y\r\n");
    expect(answer).toContain("POST /a%20b?c=d ");
    expect(answer).toContain("body");
    expect(fake.outcomes).toEqual([{ kind: "success" }]);
  });

  it("streams: the client reads the first part before the server has sent the last", async () => {
    let finish = (): void => {};
    const { front } = await kept(
      proxiedServer((_, response) => {
        response.write("first");
        finish = () => response.end("last");
      }),
    );
    const { body } = await request(`http://127.0.0.1:${front.port}/`);
    const chunks = body[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe("first");
    finish();
    expect(String((await chunks.next()).value)).toBe("last");
  });

  it("headers do not wait for the body", async () => {
    const { front } = await kept(proxiedServer((_, response) => response.flushHeaders()));
    const { statusCode, body } = await request(`http://127.0.0.1:${front.port}/`);
    expect(statusCode).toBe(200);
    body.on("error", () => {}).destroy();
  });

  it("a client that does not read stops the server: megabytes are not held", async () => {
    let written = 0;
    let stalled = (): void => {};
    const full = new Promise<void>((resolve) => (stalled = resolve));
    const { front } = await kept(
      proxiedServer((_, response) => {
        const chunk = Buffer.alloc(65_536);
        const more = (): void => {
          while (response.write(chunk)) written += chunk.length;
          written += chunk.length;
          const idle = setTimeout(stalled, 300);
          response.once("drain", () => {
            clearTimeout(idle);
            if (written < 200_000_000) more();
          });
        };
        more();
      }),
    );
    const socket = connect(front.port, "127.0.0.1");
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await full;
    socket.destroy();
    expect(written).toBeLessThan(50_000_000); // what the kernel's buffers of two connections hold
  });

  it("chunked uploads arrive whole", async () => {
    const { front } = await kept(
      proxiedServer((incoming, response) => {
        response.writeHead(200, { "x-encoding": incoming.headers["transfer-encoding"] ?? "" });
        incoming.pipe(response);
      }),
    );
    const pieces = Array.from({ length: 50 }, (_, at) => `${at},`.repeat(1_000));
    const { body, headers } = await request(`http://127.0.0.1:${front.port}/`, {
      method: "POST",
      body: Readable.from(pieces),
    });
    expect(await body.text()).toBe(pieces.join(""));
    expect(headers["x-encoding"]).toBe("chunked");
  });

  it("answers to HEAD, 204 and 304 have no body, and the connection lives on", async () => {
    const { front } = await kept(
      proxiedServer((incoming, response) => {
        const status = Number(incoming.url?.slice(1));
        response.writeHead(status, status === 200 ? { "content-length": 5 } : {}).end();
      }),
    );
    const answer = await rawAnswer(
      front.port,
      "HEAD /200 HTTP/1.1\r\nHost: x\r\n\r\nGET /204 HTTP/1.1\r\nHost: x\r\n\r\n" +
        "GET /304 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([
      "HTTP/1.1 200",
      "HTTP/1.1 204",
      "HTTP/1.1 304",
    ]);
    expect(answer).toContain("content-length: 5");
  });

  it("forwards trailers to a client that takes them, and to no other", async () => {
    const { front } = await kept(
      proxiedServer((_, response) => {
        response.writeHead(200, { trailer: "x-sum, content-length" });
        response.write("body");
        response.addTrailers({ "x-sum": "42" });
        response.end();
      }),
    );
    const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close, TE\r\n";
    expect(await rawAnswer(front.port, `${get}TE: trailers\r\n\r\n`)).toContain("x-sum: 42\r\n");
    expect(await rawAnswer(front.port, `${get}\r\n`)).not.toContain("x-sum: 42");
  });

  it("103 Early Hints reach the client before the answer", async () => {
    const { front } = await kept(
      proxiedServer((_, response) => {
        response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => response.end("page"));
      }),
    );
    const answer = await rawAnswer(
      front.port,
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>[^]*HTTP\/1\.1 200/);
  });

  it("an absolute request target loses its authority; rewritePath has the last word", async () => {
    const { front, upstream } = await kept(
      proxiedServer((_, response) => response.end(), {
        rewritePath: (path) => path.replace("/api", ""),
      }),
    );
    await rawAnswer(
      front.port,
      "GET http://evil.test/api/x?y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(upstream.requests).toEqual(["GET /x?y"]);
  });
});

describe("headers", () => {
  it("RFC 9110 §7.6.1: drops hop-by-hop fields, also those that Connection lists", async () => {
    const { front, upstream } = await mirror();
    let seen: IncomingHttpHeaders = {};
    upstream.server.once("request", (incoming) => (seen = incoming.headers));
    await rawAnswer(
      front.port,
      "GET / HTTP/1.1\r\nHost: site.test\r\nConnection: close, X-Hop, x-other\r\nX-Hop: 1\r\n" +
        "X-Other: 2\r\nX-Kept: 3\r\nKeep-Alive: timeout=1\r\nProxy-Authorization: secret\r\n" +
        "Proxy-Connection: x\r\nTE: gzip\r\nTrailer: x\r\n\r\n",
    );
    expect(seen).toMatchObject({ host: "site.test", "x-kept": "3", connection: "keep-alive" });
    for (const name of [
      "x-hop",
      "x-other",
      "keep-alive",
      "proxy-authorization",
      "proxy-connection",
      "te",
      "trailer",
    ]) {
      expect(seen).not.toHaveProperty(name);
    }
  });

  it("drops those of answers, too", async () => {
    const server = await kept(
      rawServer((socket) =>
        socket.end(
          "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\n" +
            "Proxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok",
        ),
      ),
    );
    const { front } = await kept(proxied([server.port]));
    const { headers, body } = await request(`http://127.0.0.1:${front.port}/`);
    expect(await body.text()).toBe("ok");
    expect(headers).toMatchObject({ "x-kept": "2", connection: "keep-alive" });
    expect(headers).not.toHaveProperty("x-hop");
    expect(headers).not.toHaveProperty("proxy-authenticate");
  });

  it("Connection cannot take Host, cookies or what the proxy itself adds out of a request", async () => {
    const { front } = await mirror();
    const seen = await mirrored(front.port, {
      connection: "host, cookie, x-forwarded-for, content-length",
      cookie: "a=1",
    });
    expect(seen).toMatchObject({ cookie: "a=1", "x-forwarded-for": "127.0.0.1" });
  });

  it("adds Via and X-Forwarded-*; a stranger's claims are replaced, a trusted peer's extended", async () => {
    const claims = {
      host: "site.test",
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-proto": "https",
      forwarded: "for=1.2.3.4",
      via: "1.0 old",
    };
    const stranger = await mirror();
    expect(await mirrored(stranger.front.port, claims)).toMatchObject({
      via: "1.0 old, 1.1 quorate",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "site.test",
    });
    const trusting = await mirror({
      forwarding: { trust: (address) => address === "127.0.0.1", forwarded: true, via: "edge" },
    });
    expect(await mirrored(trusting.front.port, claims)).toMatchObject({
      via: "1.0 old, 1.1 edge",
      "x-forwarded-for": "1.2.3.4, 127.0.0.1",
      "x-forwarded-proto": "https",
      forwarded: 'for=1.2.3.4, for=127.0.0.1;proto=http;host="site.test"',
    });
  });

  it("Host is the client's, or the endpoint's if so told", async () => {
    const { front } = await mirror();
    expect((await mirrored(front.port, { host: "site.test" })).host).toBe("site.test");
    const own = await mirror({ hostHeader: "endpoint" });
    expect((await mirrored(own.front.port, { host: "site.test" })).host).toBe(
      `127.0.0.1:${own.upstream.port}`,
    );
  });
});

describe("failures", () => {
  it("502 for a refused connection, 503 without an endpoint, 504 for silence", async () => {
    const refused = await kept(proxied([await deadPort()]));
    const none = await kept(proxied([]));
    const silent = await kept(proxiedServer(() => {}, { headersTimeoutMs: 50 }));
    for (const [{ front, errors }, status] of [
      [refused, 502],
      [none, 503],
      [silent, 504],
    ] as const) {
      const { statusCode, body } = await request(`http://127.0.0.1:${front.port}/`);
      expect(statusCode).toBe(status);
      expect(await body.text()).toMatch(new RegExp(`^${status} `));
      expect(errors.map(([told]) => told)).toEqual([status]);
    }
    expect(silent.fake.outcomes).toEqual([{ kind: "failure", reason: "timeout" }]);
  });

  it("503 when the balancer sheds", async () => {
    const { front, fake } = await kept(proxied([1]));
    fake.refusal = new LoadBalancerError("shed", "too much");
    expect((await request(`http://127.0.0.1:${front.port}/`)).statusCode).toBe(503);
  });

  it("504 when the whole exchange takes too long", async () => {
    const { front, fake } = await kept(proxiedServer(() => {}, { totalTimeoutMs: 30 }));
    expect((await request(`http://127.0.0.1:${front.port}/`)).statusCode).toBe(504);
    expect(fake.inFlight).toBe(0);
  });

  it("502 for headers beyond the bound, and for an answer that is no HTTP", async () => {
    const long = `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\ncontent-length: 0\r\n\r\n`;
    for (const answer of [long, "no http at all\r\n\r\n"]) {
      const server = await kept(rawServer((socket) => socket.end(answer)));
      const { front } = await kept(proxied([server.port]));
      expect((await request(`http://127.0.0.1:${front.port}/`)).statusCode).toBe(502);
    }
  });

  it("an error after the headers breaks the connection: half an answer is not a whole one", async () => {
    const { front } = await kept(
      proxiedServer((_, response) => {
        response.write("half", () => setImmediate(() => response.destroy()));
      }),
    );
    const { body } = await request(`http://127.0.0.1:${front.port}/`);
    await expect(body.text()).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
  });

  it("a client that goes away cancels the request at the endpoint, and is no failure", async () => {
    let gone = (): void => {};
    const wasCut = new Promise<void>((resolve) => (gone = resolve));
    const { front, upstream, fake } = await kept(
      proxiedServer((incoming) => void incoming.socket.once("close", gone)),
    );
    const socket = connect(front.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(upstream.server, "request");
    socket.destroy();
    await wasCut;
    expect(fake.outcomes).toEqual([{ kind: "cancelled" }]);
  });

  it("a client that goes away in the middle of its upload cancels it, too", async () => {
    let gone = (): void => {};
    const wasCut = new Promise<void>((resolve) => (gone = resolve));
    const { front, upstream, fake } = await kept(
      proxiedServer((incoming) => void incoming.on("error", () => {}).socket.once("close", gone)),
    );
    const socket = connect(front.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome");
    await once(upstream.server, "request");
    socket.destroy();
    await wasCut;
    expect(fake.outcomes).toEqual([{ kind: "cancelled" }]);
  });

  it("a POST whose endpoint dies gets 502 and is not sent again; a GET is", async () => {
    const dies = await kept(rawServer((socket) => socket.destroy()));
    const { front, fake } = await kept(proxied([dies.port, dies.port]));
    fake.retriesLeft = 1;
    const url = `http://127.0.0.1:${front.port}/`;
    expect((await request(url, { method: "POST", body: "pay" })).statusCode).toBe(502);
    expect(dies.received).toHaveLength(1);
    expect((await request(url)).statusCode).toBe(502);
    expect(dies.received).toHaveLength(3);
  });

  it("close lets later requests have 503", async () => {
    const handler = createProxyHandler(new FakeBalancer([1]).balancer);
    const { front } = await kept(proxied([]));
    front.server.removeAllListeners("request");
    handler.attach(front.server);
    await handler.close();
    expect((await request(`http://127.0.0.1:${front.port}/`)).statusCode).toBe(503);
  });
});

describe("bodies", () => {
  it("413 for a body that is too long, announced or not", async () => {
    const { front } = await kept(
      proxiedServer((incoming, response) => incoming.pipe(response), { maxRequestBodyBytes: 10 }),
    );
    for (const body of ["x".repeat(11), Readable.from(["x".repeat(6), "y".repeat(6)])]) {
      const { statusCode } = await request(`http://127.0.0.1:${front.port}/`, {
        method: "POST",
        body,
      });
      expect(statusCode).toBe(413);
    }
  });

  it("Expect: 100-continue: the body is asked for once an endpoint takes it, and not for a 503", async () => {
    const { front } = await kept(proxiedServer((incoming, response) => incoming.pipe(response)));
    const post = httpRequest({
      port: front.port,
      host: "127.0.0.1",
      method: "POST",
      headers: { expect: "100-continue", "content-length": 4 },
    });
    const answered = once(post, "response");
    post.flushHeaders();
    await once(post, "continue");
    post.end("body");
    const [response] = (await answered) as [Readable];
    expect(await text(response)).toBe("body");

    const none = await kept(proxied([]));
    const answer = await rawAnswer(
      none.front.port,
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe("session affinity", () => {
  it("a cookie keeps a session at its endpoint, and moves when that is gone", async () => {
    const { front, fake } = await mirror({ affinity: { cookie: "server" } });
    const [only] = fake.endpointsNow;
    if (!only) throw new Error("no endpoint");
    fake.endpointsNow = [only, { ...only, id: "b" }];
    fake.emit("added", only);
    const url = `http://127.0.0.1:${front.port}/`;
    const first = await request(url);
    const cookie = String(first.headers["set-cookie"]);
    expect(cookie).toMatch(/^server=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax$/);
    await first.body.dump();
    const second = await request(url, { headers: { cookie: `x=y; ${cookie.split(";")[0]}` } });
    expect(second.headers).not.toHaveProperty("set-cookie");
    await second.body.dump();
    expect(fake.picked[1]?.context).toEqual({ affinity: "a" });
    fake.endpointsNow = [{ ...only, id: "b" }];
    fake.emit("removed", only);
    const moved = await request(url, { headers: { cookie: String(cookie.split(";")[0]) } });
    expect(moved.headers["set-cookie"]).toBeDefined();
    await moved.body.dump();
  });

  it("a header becomes the hash key", async () => {
    const { front, fake } = await mirror({ affinity: { header: "X-Session" } });
    await mirrored(front.port, { "x-session": "s1" });
    expect(fake.picked[0]?.context).toEqual({ hashKey: "s1" });
  });
});
