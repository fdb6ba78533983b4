import type { Socket } from "node:net";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { bytes, text } from "../src/compliance/bytes.ts";
import { nextPeerEvent, turn } from "../src/compliance/events.ts";
import { nextDiagnostic } from "./diagnostics.ts";
import { answer, closed, greeting, rawSocket } from "./raw-peer.ts";
import { tcpNode } from "./tcp-node.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

/** A port that was free a moment ago. */
async function unusedPort(): Promise<number> {
  const node = tcpNode("whoever");
  await node.start();
  const { port } = node.address;
  await node.stop();
  return port;
}

describe("the connection of a pair", () => {
  it("is one, and is up once on both sides, when both dial at once", async () => {
    for (let round = 0; round < 50; round++) {
      const [alice, bob] = [tcpNode("alice"), tcpNode("bob")];
      await Promise.all([alice.start(), bob.start()]);
      const states: string[] = [];
      alice.onPeer(({ state }) => states.push(`alice: ${state}`));
      bob.onPeer(({ state }) => states.push(`bob: ${state}`));
      const ups = [nextPeerEvent(alice, "bob", "up"), nextPeerEvent(bob, "alice", "up")];
      alice.onRequest("r", (from) => bytes(`alice to ${from}`));
      bob.onRequest("r", (from) => bytes(`bob to ${from}`));
      alice.addPeer("bob", bob.address);
      bob.addPeer("alice", alice.address);
      const answers = [alice.request("bob", "r", EMPTY), bob.request("alice", "r", EMPTY)];
      await Promise.all(ups);
      expect((await Promise.all(answers)).map(text)).toEqual(["bob to alice", "alice to bob"]);
      expect(states.toSorted()).toEqual(["alice: up", "bob: up"]);
      await Promise.all([alice.stop(), bob.stop()]);
    }
  });

  it("is the one that was greeted on last: a later one replaces it, an earlier one is redundant", async () => {
    const alice = tcpNode("alice");
    await alice.start();
    const dial = async (sequence: number): Promise<Socket> => {
      const socket = await rawSocket(alice.address);
      socket.write(greeting("bob", "alice", { sequence }));
      return socket;
    };
    const second = await dial(2);
    expect(await answer(second)).toMatchObject({ from: "alice" });
    expect(await answer(await dial(1))).toMatchObject({
      refused: "alice has a later connection with bob",
      redundant: true,
    });
    expect(second.destroyed).toBe(false);
    expect(await answer(await dial(3))).toMatchObject({ from: "alice" });
    await closed(second);
  });

  it("carries a stream whose window is far above the queue's bound", async () => {
    const KIB = 1_024;
    const limits = {
      maxMessageBytes: 64 * KIB,
      maxQueuedBytesPerPeer: 64 * KIB,
      streamWindowBytes: 64 * KIB * KIB,
    };
    const [alice, bob] = [tcpNode("alice", limits), tcpNode("bob", limits)];
    await Promise.all([alice.start(), bob.start()]);
    bob.addPeer("alice", alice.address);
    const read = new Promise<number>((resolve, reject) => {
      bob.onStream("s", async (_, stream) => {
        let bytesRead = 0;
        for await (const chunk of stream) bytesRead += chunk.length;
        resolve(bytesRead);
      });
      void nextPeerEvent(bob, "alice", "down").then(reject);
    });
    const up = nextPeerEvent(alice, "bob", "up");
    await up;
    const stream = await alice.openStream("bob", "s");
    const writing = stream.write(new Uint8Array(32 * KIB * KIB));
    expect(alice.metrics().peers["bob"]?.queuedBytes).toBeLessThan(256 * KIB);
    await writing;
    await stream.end();
    expect(await read).toBe(32 * KIB * KIB);
  });

  it("carries what a server says to a client that it has no address of", async () => {
    const server = tcpNode("server");
    await server.start();
    const client = tcpNode("client", { peers: { server: server.address } });
    client.onRequest("r", () => bytes("from the client"));
    const up = nextPeerEvent(server, "client", "up");
    await client.start();
    await up;
    expect(text(await server.request("client", "r", EMPTY))).toBe("from the client");
    const down = nextPeerEvent(server, "client", "down");
    await client.stop();
    await down;
    await expect(server.request("client", "r", EMPTY)).rejects.toMatchObject({
      code: "unknown-peer",
    });
    expect(server.metrics().peers).toEqual({});
  });

  it("comes back after the peer restarted on the same port", async () => {
    const alice = tcpNode("alice");
    const first = tcpNode("bob");
    await Promise.all([alice.start(), first.start()]);
    const { port } = first.address;
    const up = nextPeerEvent(alice, "bob", "up");
    alice.addPeer("bob", first.address);
    await up;
    const down = nextPeerEvent(alice, "bob", "down");
    await first.stop();
    await down;
    const again = nextPeerEvent(alice, "bob", "up");
    const second = tcpNode("bob", { listen: { port } });
    second.onRequest("r", () => bytes("the second"));
    await second.start();
    await again;
    expect(text(await alice.request("bob", "r", EMPTY))).toBe("the second");
  });

  it("is retried until the peer is there; what was asked meanwhile waits for one attempt", async () => {
    const clock = new VirtualClock();
    const port = await unusedPort();
    const backoff = { reconnectBackoffMs: { min: 1_000, max: 8_000 } };
    const peers = { bob: { host: "127.0.0.1", port } };
    const alice = tcpNode("alice", { ...backoff, peers }, { clock });
    const failed = nextDiagnostic("unreachable", "alice");
    await alice.start();
    expect(alice.send("bob", "m", EMPTY)).toBe(true); // waits for the attempt
    const request = alice.request("bob", "r", EMPTY);
    await expect(request).rejects.toMatchObject({ code: "unreachable" });
    expect((await failed).reason).toMatch(/^bob at 127\.0\.0\.1:\d+ cannot be reached: .*REFUSED/);
    expect(alice.send("bob", "m", EMPTY)).toBe(false); // between two attempts
    expect(alice.metrics().messagesDropped).toBe(2);
    expect(alice.explain()).toEqual([
      expect.stringMatching(/^bob will be dialled again in \d+ ms: bob at .* cannot be reached/),
    ]);
    const bob = tcpNode("bob", { listen: { port } });
    bob.onRequest("r", () => bytes("at last"));
    await bob.start();
    const late = alice.request("bob", "r", EMPTY);
    await clock.advance(1_000);
    expect(text(await late)).toBe("at last");
    expect(alice.explain()).toEqual([]);
  });

  it("a request that waits for it longer than connectTimeoutMs is unreachable", async () => {
    const clock = new VirtualClock();
    const peers = { bob: { host: "127.0.0.1", port: await unusedPort() } };
    const reconnectBackoffMs = { min: 60_000, max: 60_000 };
    const options = { peers, reconnectBackoffMs, connectTimeoutMs: 200 };
    const alice = tcpNode("alice", options, { clock });
    const failed = nextDiagnostic("unreachable", "alice");
    await alice.start();
    await failed;
    const request = alice.request("bob", "r", EMPTY);
    const caller = new AbortController();
    const aborted = alice.openStream("bob", "s", { signal: caller.signal });
    caller.abort(new Error("changed my mind"));
    await expect(aborted).rejects.toThrow("changed my mind");
    const [outcome] = await Promise.all([Promise.allSettled([request]), clock.advance(208)]);
    const reason = { code: "unreachable", message: "no connection to bob within 200 ms" };
    expect(outcome).toMatchObject([{ status: "rejected", reason }]);
  });

  it("what waits for it is bounded", async () => {
    const clock = new VirtualClock();
    const limits = { maxMessageBytes: 1_024, maxQueuedBytesPerPeer: 10_240 };
    const peers = { bob: { host: "127.0.0.1", port: await unusedPort() } };
    const alice = tcpNode("alice", { ...limits, peers }, { clock });
    await alice.start();
    let queued = 0;
    while (alice.send("bob", "m", new Uint8Array(1_000))) queued++;
    expect(queued).toBe(9);
    await expect(alice.request("bob", "r", new Uint8Array(1_000))).rejects.toMatchObject({
      code: "overloaded",
    });
  });

  it("messages sent while it is being dialled arrive in order, before later ones", async () => {
    const bob = tcpNode("bob");
    await bob.start();
    const received: number[] = [];
    const last = new Promise<void>((resolve) => {
      bob.onMessage("m", (_, message) => {
        received.push(message[0] as number);
        if (received.length === 200) resolve();
      });
    });
    const alice = tcpNode("alice", { peers: { bob: bob.address } });
    alice.onPeer(() => {
      for (let at = 100; at < 200; at++) alice.send("bob", "m", Uint8Array.of(at));
    });
    await alice.start();
    for (let at = 0; at < 100; at++) alice.send("bob", "m", Uint8Array.of(at));
    await last;
    expect(received).toEqual(Array.from({ length: 200 }, (_, at) => at));
  });

  it("is closed by removePeer, and not dialled again; the peer is then unknown", async () => {
    const [alice, bob] = [tcpNode("alice"), tcpNode("bob")];
    await Promise.all([alice.start(), bob.start()]);
    const up = nextPeerEvent(alice, "bob", "up");
    alice.addPeer("bob", bob.address);
    await up;
    bob.onRequest("slow", () => new Promise(() => {}));
    const request = alice.request("bob", "slow", EMPTY);
    const down = nextPeerEvent(bob, "alice", "down");
    alice.removePeer("bob");
    await expect(request).rejects.toMatchObject({ code: "connection-lost" });
    await down;
    expect(() => alice.send("bob", "m", EMPTY)).toThrow(/knows no address of bob/);
  });

  it("keeps to the smaller maxMessageBytes of the two", async () => {
    const bob = tcpNode("bob", { maxMessageBytes: 1_024 });
    await bob.start();
    const alice = tcpNode("alice", { peers: { bob: bob.address } });
    const up = nextPeerEvent(alice, "bob", "up");
    await alice.start();
    await up;
    const tooLarge = expect.objectContaining({ code: "too-large" });
    expect(() => alice.send("bob", "m", new Uint8Array(1_025))).toThrow(tooLarge);
    await expect(alice.request("bob", "r", new Uint8Array(1_025))).rejects.toEqual(tooLarge);
    bob.onRequest("r", (_, message) => message);
    expect(await alice.request("bob", "r", new Uint8Array(1_024))).toHaveLength(1_024);
  });
});

describe("start and stop over TCP", () => {
  it("a port that is taken: address-in-use", async () => {
    const alice = tcpNode("alice");
    expect(() => alice.address).toThrow(expect.objectContaining({ code: "not-started" }));
    await alice.start();
    const bob = tcpNode("bob", { listen: { port: alice.address.port } });
    await expect(bob.start()).rejects.toMatchObject({ code: "address-in-use" });
  });

  it("stop while dialling turns away what waits", async () => {
    const peers = { bob: { host: "127.0.0.1", port: await unusedPort() } };
    const alice = tcpNode("alice", { peers });
    await alice.start();
    const request = alice.request("bob", "r", EMPTY);
    const [outcome] = await Promise.all([Promise.allSettled([request]), alice.stop()]);
    expect(outcome).toMatchObject([{ status: "rejected", reason: { code: "stopped" } }]);
  });

  it("stop while starting leaves nothing open", async () => {
    const port = await unusedPort();
    const alice = tcpNode("alice", { listen: { port } });
    const starting = Promise.allSettled([alice.start()]);
    await alice.stop();
    expect(await starting).toMatchObject([{ status: "rejected", reason: { code: "stopped" } }]);
    const again = tcpNode("alice", { listen: { port } });
    await expect(again.start()).resolves.toBeUndefined();
  });

  it("stop frees the port at once", async () => {
    const alice = tcpNode("alice");
    await alice.start();
    const { port } = alice.address;
    const bob = tcpNode("bob", { peers: { alice: alice.address } });
    const up = nextPeerEvent(alice, "bob", "up");
    await bob.start();
    await up;
    await alice.stop();
    const again = tcpNode("alice", { listen: { port } });
    await again.start();
    expect(again.address.port).toBe(port);
  });

  it("options out of their range are named", () => {
    const wrong = [
      [{ maxMessageBytes: 1 }, /maxMessageBytes must be a whole number from 1024/],
      [{ maxQueuedBytesPerPeer: 5 }, /maxQueuedBytesPerPeer/],
      [{ clusterId: "" }, /clusterId must be 1 to 255 bytes/],
      [{ listen: { port: 65_536 } }, /listen\.port/],
      [{ peers: { bob: { host: "h", port: 0 } } }, /the port of bob/],
      [{ reconnectBackoffMs: { min: 10, max: 5 } }, /reconnectBackoffMs\.max/],
      [{ keepAliveMs: 0 }, /keepAliveMs/],
    ] as const;
    for (const [options, message] of wrong) {
      expect(() => tcpNode("alice", options)).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringMatching(message),
        }),
      );
    }
  });

  it("metrics count what happened", async () => {
    const bob = tcpNode("bob");
    await bob.start();
    const alice = tcpNode("alice", { peers: { bob: bob.address } });
    await alice.start();
    bob.onRequest("r", (_, message) => message);
    await alice.request("bob", "r", new Uint8Array(100));
    alice.send("bob", "nobody's", EMPTY);
    while (bob.metrics().messagesUnhandled === 0) await turn();
    expect(alice.metrics()).toMatchObject({ messagesSent: 1, requestsSent: 1, requestsFailed: 0 });
    expect(bob.metrics()).toMatchObject({ requestsServed: 1, messagesReceived: 0 });
    expect(alice.metrics().peers["bob"]).toMatchObject({ state: "connected", requestsInFlight: 0 });
    expect(alice.metrics().peers["bob"]?.bytesSent).toBeGreaterThan(100);
  });
});
