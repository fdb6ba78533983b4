import { once } from "node:events";
import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { Agent, type Dispatcher, fetch, request } from "undici";
import { LoadBalancerError } from "../../src/index.ts";
import {
  balance,
  type BalancedDispatcherOptions,
  createBalancedDispatcher,
} from "../../src/undici/index.ts";
import { FakeBalancer } from "./fake-balancer.ts";
import { deadPort, serve } from "./test-server.ts";

function dispatcherOf(fake: FakeBalancer, options?: BalancedDispatcherOptions): Dispatcher {
  const dispatcher = createBalancedDispatcher(fake.balancer, options);
  onTestFinished(() => dispatcher.destroy());
  return dispatcher;
}

const hello = (text: string) => () => serve((_, response) => response.end(text));

describe("createBalancedDispatcher", () => {
  it("`fetch(url, { dispatcher })` goes where the balancer says, undici's and Node's own", async () => {
    const server = await hello("hello")();
    const fake = new FakeBalancer([server.port]);
    const dispatcher = dispatcherOf(fake);
    const own = await fetch("http://orders/x?y=1", { dispatcher });
    expect(await own.text()).toBe("hello");
    const ofNode = await globalThis.fetch("http://orders/z", {
      dispatcher,
    } as unknown as RequestInit);
    expect(await ofNode.text()).toBe("hello");
    expect(server.requests).toEqual(["GET /x?y=1", "GET /z"]);
    expect(fake.outcomes).toEqual([{ kind: "success" }, { kind: "success" }]);
    expect(fake.begun).toBe(2);
  });

  it("tells first byte before done, and done only once the body has ended", async () => {
    let finish = (): void => {};
    const server = await serve((_, response) => {
      response.write("first");
      finish = () => response.end();
    });
    const fake = new FakeBalancer([server.port]);
    const { body } = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    expect(fake.picked[0]).toMatchObject({ firstByte: true, outcomes: [] });
    finish();
    await body.text();
    expect(fake.picked[0]?.outcomes).toEqual([{ kind: "success" }]);
  });

  it("a failure status is an outcome, and is delivered when no retry is allowed", async () => {
    const server = await serve((_, response) => response.writeHead(503).end("sorry"));
    const fake = new FakeBalancer([server.port]);
    const answer = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    expect([answer.statusCode, await answer.body.text()]).toEqual([503, "sorry"]);
    expect(fake.outcomes).toEqual([{ kind: "failure", reason: "status", status: 503 }]);
  });

  it("retries a failure status elsewhere, and keeps the connection of the discarded answer", async () => {
    const bad = await serve((_, response) => response.writeHead(500).end("x".repeat(10_000)));
    const good = await hello("good")();
    const fake = new FakeBalancer([bad.port, good.port]);
    const dispatcher = dispatcherOf(fake);
    for (let round = 0; round < 3; round++) {
      fake.retriesLeft = 1;
      const { body } = await request("http://orders/", { dispatcher });
      expect(await body.text()).toBe("good");
    }
    expect(fake.picked.map(({ id }) => id)).toEqual(["a", "b", "a", "b", "a", "b"]);
    expect([bad.connections, good.connections]).toEqual([1, 1]);
    expect(fake.inFlight).toBe(0);
  });

  it("an answer to discard that is too long costs its connection", async () => {
    const bad = await serve((_, response) => response.writeHead(500).end("x".repeat(200_000)));
    const good = await hello("good")();
    const fake = new FakeBalancer([bad.port, good.port]);
    const dispatcher = dispatcherOf(fake, { maxDiscardedBytes: 1_000 });
    for (let round = 0; round < 2; round++) {
      fake.retriesLeft = 1;
      const { body } = await request("http://orders/", { dispatcher });
      expect(await body.text()).toBe("good");
    }
    expect(bad.connections).toBeGreaterThanOrEqual(2);
  });

  it("a refused connection is retried whatever the method: nothing was sent", async () => {
    const good = await serve((incoming, response) => incoming.pipe(response));
    const fake = new FakeBalancer([await deadPort(), good.port]);
    const dispatcher = dispatcherOf(fake);
    for (const body of ["text", Readable.from(["st", "ream"])]) {
      fake.retriesLeft = 1;
      const answer = await request("http://orders/", { dispatcher, method: "POST", body });
      expect(await answer.body.text()).toBe(typeof body === "string" ? "text" : "stream");
    }
    expect(fake.outcomes.filter((outcome) => outcome?.kind === "failure")).toEqual([
      { kind: "failure", reason: "connect" },
      { kind: "failure", reason: "connect" },
    ]);
  });

  it("a POST that was sent is never sent again, however it fails", async () => {
    const resets = await serve((incoming) => incoming.socket.destroy());
    const fails = await serve((_, response) => response.writeHead(500).end());
    const other = await hello("other")();
    for (const [server, expected] of [
      [resets, undefined],
      [fails, 500],
    ] as const) {
      const fake = new FakeBalancer([server.port, other.port]);
      fake.retriesLeft = 5;
      const dispatcher = dispatcherOf(fake);
      const answer = request("http://orders/", { dispatcher, method: "POST", body: "pay" });
      if (expected === undefined)
        await expect(answer).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
      else expect((await answer).statusCode).toBe(expected);
      expect(server.requests).toHaveLength(1);
    }
    expect(other.requests).toEqual([]);
  });

  it("an idempotent request with a stream as its body is not sent twice", async () => {
    const resets = await serve((incoming) => incoming.socket.destroy());
    const fake = new FakeBalancer([resets.port, resets.port]);
    fake.retriesLeft = 5;
    const put = { method: "PUT", body: Readable.from(["once"]) } as const;
    const dispatcher = dispatcherOf(fake);
    const answer = request("http://orders/", { dispatcher, ...put });
    await expect(answer).rejects.toBeInstanceOf(Error);
    expect(resets.requests).toHaveLength(1);
  });

  it("a POST is retried if the caller says that it is idempotent", async () => {
    const resets = await serve((incoming) => incoming.socket.destroy());
    const good = await hello("good")();
    const fake = new FakeBalancer([resets.port, good.port]);
    fake.retriesLeft = 1;
    const dispatcher = dispatcherOf(fake);
    const post = { method: "POST", body: "same", idempotent: true } as const;
    const { body } = await request("http://orders/", { dispatcher, ...post });
    expect(await body.text()).toBe("good");
    expect(fake.outcomes[0]).toEqual({ kind: "failure", reason: "reset" });
  });

  it("retries end with the budget: the caller gets the last failure", async () => {
    const bad = await serve((_, response) => response.writeHead(500).end());
    const fake = new FakeBalancer([bad.port, bad.port, bad.port]);
    fake.retriesLeft = 2;
    const answer = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    expect(answer.statusCode).toBe(500);
    expect(bad.requests).toHaveLength(3);
    expect(fake.begun).toBe(1);
  });

  it("a server that never answers is a timeout, and is retried", async () => {
    const silent = await serve(() => {});
    const good = await hello("good")();
    const fake = new FakeBalancer([silent.port, good.port]);
    fake.retriesLeft = 1;
    const dispatcher = dispatcherOf(fake);
    const { body } = await request("http://orders/", { dispatcher, headersTimeout: 50 });
    expect(await body.text()).toBe("good");
    expect(fake.outcomes[0]).toEqual({ kind: "failure", reason: "timeout" });
  });

  it("a connection that breaks in the middle of the body fails the request: no retry", async () => {
    const breaks = await serve((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("some", () => response.destroy());
    });
    const fake = new FakeBalancer([breaks.port, breaks.port]);
    fake.retriesLeft = 5;
    const { body } = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    await expect(body.text()).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
    expect(fake.outcomes).toEqual([{ kind: "failure", reason: "reset" }]);
  });
});

describe("requests that the caller aborts", () => {
  it("are cancelled, not failures: before the answer, and within it", async () => {
    const reached: (() => void)[] = [];
    const server = await serve((incoming, response) => {
      if (incoming.url === "/body") response.write("some");
      reached.shift()?.();
    });
    const fake = new FakeBalancer([server.port]);
    fake.retriesLeft = 5;
    const dispatcher = dispatcherOf(fake);
    for (const path of ["/headers", "/body"]) {
      const abort = new AbortController();
      const arrived = new Promise<void>((resolve) => reached.push(resolve));
      const answer = fetch(`http://orders${path}`, { dispatcher, signal: abort.signal });
      answer.catch(() => {}); // asserted below; aborting comes first
      await arrived;
      if (path === "/body") await answer;
      abort.abort();
      const read = answer.then((response) => response.text());
      await expect(read).rejects.toThrow("aborted");
    }
    expect(fake.outcomes).toEqual([{ kind: "cancelled" }, { kind: "cancelled" }]);
    expect(server.requests).toHaveLength(2);
  });

  it("leave at once while they wait for a connection, and are never sent", async () => {
    const server = await serve(() => {});
    const fake = new FakeBalancer([server.port]);
    const dispatcher = dispatcherOf(fake, { pool: { connections: 1 } });
    const first = request("http://orders/first", { dispatcher });
    first.catch(() => {}); // destroyed with the dispatcher
    await once(server.server, "request");
    const abort = new AbortController();
    const queued = request("http://orders/queued", { dispatcher, signal: abort.signal });
    abort.abort(new Error("no patience"));
    await expect(queued).rejects.toThrow("no patience");
    expect(fake.picked[1]?.outcomes).toEqual([{ kind: "cancelled" }]);
    expect(server.requests).toEqual(["GET /first"]);
  });

  it("leave no listener at the signal", async () => {
    const server = await hello("hello")();
    const dispatcher = dispatcherOf(new FakeBalancer([server.port]));
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    for (let round = 0; round < 30; round++) {
      await (await request("http://orders/", { dispatcher, signal })).body.text();
    }
    await new Promise(setImmediate);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});

describe("waiting, hedging, closing", () => {
  it("waits in the balancer's queue at the concurrency limit, unless told otherwise", async () => {
    const server = await hello("hello")();
    const fake = new FakeBalancer([server.port]);
    fake.refusal = new LoadBalancerError("overloaded", "limit reached");
    const dispatcher = dispatcherOf(fake, { waits: false });
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
      code: "overloaded",
    });
    const patient = request("http://orders/", { dispatcher: dispatcherOf(fake) });
    fake.waiting.shift()?.();
    expect(await (await patient).body.text()).toBe("hello");
  });

  it("aborting a request that waits takes it out of the queue", async () => {
    const fake = new FakeBalancer([1]);
    fake.refusal = new LoadBalancerError("overloaded", "limit reached");
    const abort = new AbortController();
    const dispatcher = dispatcherOf(fake);
    const waiting = request("http://orders/", { dispatcher, signal: abort.signal });
    abort.abort(new Error("no patience"));
    await expect(waiting).rejects.toThrow("no patience");
    expect(fake.picked).toEqual([]);
  });

  it("a hedge that answers first wins; the slow attempt is cancelled", async () => {
    let cut = (): void => {};
    const wasCut = new Promise<void>((resolve) => (cut = resolve));
    const slow = await serve((incoming) => void incoming.socket.once("close", cut));
    const fast = await hello("fast")();
    const fake = new FakeBalancer([slow.port, fast.port]);
    fake.hedgeDelayMs = 5;
    fake.hedgesLeft = 1;
    const { body } = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    expect(await body.text()).toBe("fast");
    await wasCut;
    expect(fake.outcomes).toEqual([{ kind: "cancelled" }, { kind: "success" }]);
    expect(fake.hedgeWins).toBe(1);
  });

  it("a POST is not hedged", async () => {
    const server = await serve((incoming, response) => {
      incoming.resume().once("end", () => setTimeout(() => response.end("once"), 30));
    });
    const fake = new FakeBalancer([server.port, server.port]);
    fake.hedgeDelayMs = 1;
    fake.hedgesLeft = 1;
    const dispatcher = dispatcherOf(fake);
    const answer = await request("http://orders/", { dispatcher, method: "POST", body: "x" });
    expect(await answer.body.text()).toBe("once");
    expect(server.requests).toHaveLength(1);
  });

  it("an endpoint that was removed has its connections closed", async () => {
    const server = await hello("hello")();
    const fake = new FakeBalancer([server.port]);
    const closed = new Promise((resolve) => {
      server.server.once("connection", (socket) => socket.once("close", resolve));
    });
    const { body } = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    await body.text();
    const [endpoint] = fake.endpointsNow;
    if (endpoint) fake.emit("removed", endpoint);
    await closed;
    expect(fake.inFlight).toBe(0);
  });

  it("close lets requests finish, turns new ones away, and unsubscribes", async () => {
    let finish = (): void => {};
    const server = await serve((_, response) => {
      response.write("first ");
      finish = () => response.end("last");
    });
    const fake = new FakeBalancer([server.port]);
    const dispatcher = createBalancedDispatcher(fake.balancer);
    const { body } = await request("http://orders/", { dispatcher });
    const closed = dispatcher.close();
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
      code: "stopped",
    });
    finish();
    expect(await body.text()).toBe("first last");
    await closed;
    expect(fake.listeners).toBe(0);
  });
});

describe("attempts side by side", () => {
  it("while a hedge is under way, a failure is neither retried nor delivered", async () => {
    let answer = (): void => {};
    const late = await serve((_, response) => (answer = () => response.end("late")));
    const bad = await serve((_, response) => {
      response.writeHead(500).end();
      setImmediate(() => answer());
    });
    const fake = new FakeBalancer([late.port, bad.port]);
    fake.hedgeDelayMs = 1;
    fake.hedgesLeft = 1;
    fake.retriesLeft = 1;
    const { body } = await request("http://orders/", { dispatcher: dispatcherOf(fake) });
    expect(await body.text()).toBe("late");
    expect(fake.picked).toHaveLength(2);
    expect(fake.retriesLeft).toBe(1);
    expect(fake.hedgeWins).toBe(0);
  });

  it("destroy fails what is under way, with no retry, and is no failure of the endpoint", async () => {
    const silent = await serve(() => {});
    const fake = new FakeBalancer([silent.port, silent.port]);
    fake.retriesLeft = 5;
    const dispatcher = dispatcherOf(fake);
    const answer = request("http://orders/", { dispatcher });
    const failed = expect(answer).rejects.toMatchObject({ code: "UND_ERR_DESTROYED" });
    await once(silent.server, "request");
    await dispatcher.destroy();
    await failed;
    expect(fake.outcomes).toEqual([{ kind: "cancelled" }]);
  });
});

describe("balance, the interceptor", () => {
  it("balances what an Agent sends, and retries", async () => {
    const good = await hello("good")();
    const fake = new FakeBalancer([await deadPort(), good.port]);
    fake.retriesLeft = 2;
    const agent = new Agent();
    onTestFinished(() => agent.close());
    const dispatcher = agent.compose(balance(fake.balancer));
    expect(await (await fetch("http://orders/", { dispatcher })).text()).toBe("good");
    expect(
      await (await request("http://orders/", { dispatcher, method: "POST" })).body.text(),
    ).toBe("good");
    expect(fake.inFlight).toBe(0);
  });

  it("speaks to handlers of the newer form: they may pause, resume and abort", async () => {
    const server = await serve((_, response) => response.end("x".repeat(500_000)));
    const fake = new FakeBalancer([server.port]);
    const dispatcher = dispatcherOf(fake);
    let bytes = 0;
    await new Promise<void>((resolve, reject) => {
      dispatcher.dispatch(
        { path: "/", method: "GET" },
        {
          onRequestStart() {},
          onResponseStart: (_, status, headers) =>
            expect([status, headers["content-length"]]).toEqual([200, "500000"]),
          onResponseData(controller, chunk) {
            bytes += chunk.length;
            controller.pause();
            setImmediate(() => controller.resume());
          },
          onResponseEnd: () => resolve(),
          onResponseError: (_, error) => reject(error),
        },
      );
    });
    expect(bytes).toBe(500_000);
    expect(fake.outcomes).toEqual([{ kind: "success" }]);
  });
});
