import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { nextPeerEvent, turn } from "../src/compliance/events.ts";
import { nextDiagnostic } from "./diagnostics.ts";
import { answer, closed, greeted, greeting, rawSocket } from "./raw-peer.ts";
import { tcpNode } from "./tcp-node.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

describe("a handshake", () => {
  it.each([
    ["an HTTP request", "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["garbage", "\u0000\u0001\u0002"],
    ["a wrong letter in the first word", "quoratX"],
    ["a greeting of 4 GiB", "quorate\n\xff\xff\xff\xff"],
    ["a greeting that is not JSON", "quorate\n\u0002\0\0\0{]"],
    ["a greeting without its fields", 'quorate\n\u000d\0\0\0{"version":1}'],
    ["null", "quorate\n\u0004\0\0\0null"],
  ])("that begins with %s is a protocol violation, and the connection closed", async (_, sent) => {
    const alice = tcpNode("alice");
    await alice.start();
    const violation = nextDiagnostic("violation", "alice");
    const socket = await rawSocket(alice.address);
    socket.write(Buffer.from(sent, "latin1"));
    await closed(socket);
    expect((await violation).reason).toMatch(/is no node of quorate/);
  });

  it("cut at any byte leaves nothing behind", async () => {
    const alice = tcpNode("alice");
    await alice.start();
    const whole = greeting("mallory", "alice");
    for (let at = 0; at < whole.length; at += 7) {
      const socket = await rawSocket(alice.address);
      socket.end(whole.subarray(0, at));
      await closed(socket);
    }
    expect(alice.metrics().peers).toEqual({});
  });

  it("that does not come within handshakeTimeoutMs ends the connection", async () => {
    const clock = new VirtualClock();
    const alice = tcpNode("alice", { handshakeTimeoutMs: 500 }, { clock });
    await alice.start();
    const socket = await rawSocket(alice.address);
    const whole = greeting("mallory", "alice");
    socket.write(whole.subarray(0, whole.length - 1));
    // A second node gets through, so the first one's bytes have been seen.
    await greeted(alice.address, "bob", "alice");
    await clock.advance(499);
    expect(socket.destroyed).toBe(false);
    await clock.advance(1);
    await closed(socket);
  });

  it("above maxHandshakes is closed at once; those before it are served", async () => {
    const alice = tcpNode("alice", { maxHandshakes: 2 });
    await alice.start();
    const first = await rawSocket(alice.address);
    await rawSocket(alice.address);
    await closed(await rawSocket(alice.address));
    first.write(greeting("bob", "alice"));
    expect(await answer(first)).toMatchObject({ from: "alice", to: "bob" });
  });

  it("in the bytes of which frames follow at once loses none of them", async () => {
    const [alice, bob] = [tcpNode("alice"), tcpNode("bob", { listen: { port: 0 } })];
    await Promise.all([alice.start(), bob.start()]);
    // Alice sends from within "up", so that her frames follow her greeting directly.
    alice.onPeer(({ peer }) => void alice.send(peer, "m", Uint8Array.of(1)));
    const arrived = new Promise((resolve) => bob.onMessage("m", resolve));
    bob.addPeer("alice", alice.address);
    expect(await arrived).toBe("alice");
  });
});

describe("#28: who is not who it should be is refused by name", () => {
  it("of another cluster", async () => {
    const alice = tcpNode("alice", { clusterId: "blue" });
    await alice.start();
    const bob = tcpNode("bob", { clusterId: "green", peers: { alice: alice.address } });
    const seen = nextDiagnostic("refused", "alice");
    const told = nextDiagnostic("refused", "bob");
    await bob.start();
    const reason = "alice is of cluster blue, bob of cluster green";
    await expect(bob.request("alice", "r", EMPTY)).rejects.toMatchObject({
      code: "refused",
      message: reason,
    });
    expect(await seen).toEqual({ nodeId: "alice", peer: "bob", reason });
    expect(await told).toEqual({ nodeId: "bob", peer: "alice", reason });
    expect(bob.explain().join()).toContain(reason);
  });

  it("of another protocol version", async () => {
    const alice = tcpNode("alice");
    await alice.start();
    const socket = await rawSocket(alice.address);
    socket.write(greeting("bob", "alice", { version: 2 }));
    expect(await answer(socket)).toMatchObject({
      version: 1,
      refused: "alice speaks protocol version 1, bob 2",
    });
    await closed(socket);
  });

  it("answering under another name than the one dialled", async () => {
    const carol = tcpNode("carol");
    await carol.start();
    const alice = tcpNode("alice", { peers: { bob: carol.address } });
    await alice.start();
    await expect(alice.request("bob", "r", EMPTY)).rejects.toMatchObject({
      code: "refused",
      message: "alice dialled bob, but this is carol",
    });
  });

  it("with this node's own name", async () => {
    const [one, other] = [tcpNode("alice"), tcpNode("alice")];
    await Promise.all([one.start(), other.start()]);
    const refused = nextDiagnostic("refused", "alice");
    const socket = await rawSocket(one.address);
    socket.write(greeting("alice", "alice"));
    const reason = "the other side is named alice as this node, alice, is";
    expect(await answer(socket)).toMatchObject({ refused: reason });
    expect((await refused).reason).toBe(reason);
  });

  it("with the name of a node that is connected and alive; it gets in once that one is gone", async () => {
    const bob = tcpNode("bob", { handshakeTimeoutMs: 100 });
    await bob.start();
    const peers = { bob: bob.address };
    const [one, other] = [tcpNode("alice", { peers }), tcpNode("alice", { peers })];
    const up = nextPeerEvent(bob, "alice", "up");
    await one.start();
    await up;
    one.onRequest("which", () => Uint8Array.of(1));
    other.onRequest("which", () => Uint8Array.of(2));
    const refused = nextDiagnostic("refused", "bob");
    await other.start();
    expect(await refused).toMatchObject({
      peer: "alice",
      reason: expect.stringMatching(/^bob is connected with another node named alice, at 127\.0/),
    });
    expect(await bob.request("alice", "which", EMPTY)).toEqual(Uint8Array.of(1));
    const down = nextPeerEvent(bob, "alice", "down");
    const again = nextPeerEvent(bob, "alice", "up");
    await one.stop();
    await down;
    await again;
    expect(await bob.request("alice", "which", EMPTY)).toEqual(Uint8Array.of(2));
  });

  it("but a node that came back before its old connection was seen to break is let in", async () => {
    const clock = new VirtualClock();
    const bob = tcpNode("bob", { handshakeTimeoutMs: 100 }, { clock });
    await bob.start();
    const up = nextPeerEvent(bob, "alice", "up");
    await greeted(bob.address, "alice", "bob"); // never reads or writes again
    await up;
    const alice = tcpNode("alice", { peers: { bob: bob.address } });
    const states: string[] = [];
    bob.onPeer(({ state }) => states.push(state));
    const again = nextPeerEvent(bob, "alice", "up");
    await alice.start();
    // Bob's question to the old connection stays without an answer until his time is over.
    while (!states.includes("down")) {
      await clock.advance(1);
      await turn();
    }
    await again;
    expect(await alice.request("bob", "none", EMPTY).catch((error) => error.code)).toBe(
      "no-handler",
    );
  });
});
