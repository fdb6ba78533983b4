import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { bytes, text } from "../src/compliance/bytes.ts";
import { nextPeerEvent, turn } from "../src/compliance/events.ts";
import { FRAME, type FrameKind } from "../src/session/frame.ts";
import { nextDiagnostic } from "./diagnostics.ts";
import { closed, frame, greeted } from "./raw-peer.ts";
import { tcpNode } from "./tcp-node.ts";

const NAME_M = frame(FRAME.NAME, 0, 0, bytes("m"));
const KIB = 1_024;

describe("a peer that greeted properly", () => {
  it.each<[string, Buffer[]]>([
    ["a frame above maxMessageBytes", [frame(FRAME.MESSAGE, 0, 0, new Uint8Array(KIB + 1))]],
    ["a frame of an unknown kind", [frame(99 as FrameKind, 0, 0)]],
    ["random bytes", [Buffer.from("f3a81c9be0d4572218ff03aa1b2c3d4e5f60718293a4b5c6", "hex")]],
    ["a message of a protocol that it never named", [frame(FRAME.MESSAGE, 0, 0)]],
    ["a protocol's number out of turn", [frame(FRAME.NAME, 5, 0, bytes("m"))]],
    ["a protocol without a name", [frame(FRAME.NAME, 0, 0)]],
    ["a protocol's name that is not UTF-8", [frame(FRAME.NAME, 0, 0, Uint8Array.of(0xff))]],
    [
      "a request's id that is in use",
      [NAME_M, frame(FRAME.REQUEST, 0, 1), frame(FRAME.REQUEST, 0, 1)],
    ],
    ["a stream's id of the other side", [NAME_M, frame(FRAME.OPEN, 0, 2)]],
    ["a stream's id that is in use", [NAME_M, frame(FRAME.OPEN, 0, 1), frame(FRAME.OPEN, 0, 1)]],
    ["a credit that is no number", [NAME_M, frame(FRAME.OPEN, 0, 1), frame(FRAME.CREDIT, 0, 1)]],
    ["a failure without a meaning", [frame(FRAME.FAILURE, 77, 1)]],
    [
      "more on a stream than its window",
      [
        NAME_M,
        frame(FRAME.OPEN, 0, 1),
        ...Array.from({ length: 3 }, () => frame(FRAME.DATA, 0, 1, new Uint8Array(KIB))),
      ],
    ],
  ])("and sends %s: protocol-violation, closed, and others are served", async (_, frames) => {
    const alice = tcpNode("alice", { maxMessageBytes: KIB, streamWindowBytes: 2 * KIB });
    alice.onRequest("m", () => new Promise(() => {}));
    alice.onStream("m", () => {});
    await alice.start();
    const mallory = await greeted(alice.address, "mallory", "alice");
    const violation = nextDiagnostic("violation", "alice");
    for (const each of frames) mallory.write(each);
    await closed(mallory);
    expect(await violation).toMatchObject({ peer: "mallory" });
    await greeted(alice.address, "bob", "alice");
  });

  it("whose connection is cut at any byte of a frame: the message came wholly or not at all", async () => {
    const alice = tcpNode("alice");
    const received: string[] = [];
    alice.onMessage("m", (from, message) => void received.push(`${from}: ${text(message)}`));
    await alice.start();
    const message = frame(FRAME.MESSAGE, 0, 0, bytes("all of it"));
    for (let at = 0; at <= message.length; at++) {
      const up = nextPeerEvent(alice, "bob", "up");
      const down = nextPeerEvent(alice, "bob", "down");
      const bob = await greeted(alice.address, "bob", "alice");
      await up;
      bob.end(Buffer.concat([NAME_M, message, message.subarray(0, at)]));
      await down;
      const whole = at === message.length ? 2 : 1;
      expect(received.splice(0)).toEqual(Array.from({ length: whole }, () => "bob: all of it"));
    }
  });

  it("that never reads costs a bounded queue, then its connection", async () => {
    const clock = new VirtualClock();
    const limits = { maxMessageBytes: 64 * KIB, maxQueuedBytesPerPeer: KIB * KIB };
    const alice = tcpNode("alice", { ...limits, keepAliveMs: 1_000 }, { clock });
    const up = nextPeerEvent(alice, "bob", "up");
    await alice.start();
    await greeted(alice.address, "bob", "alice");
    await up;
    const message = new Uint8Array(10 * KIB);
    let refused = 0;
    while (refused < 10) {
      if (!alice.send("bob", "m", message)) {
        refused++;
        await turn();
      }
      expect(alice.metrics().peers["bob"]?.queuedBytes).toBeLessThanOrEqual(KIB * KIB + 12);
    }
    await expect(alice.request("bob", "r", message)).rejects.toMatchObject({ code: "overloaded" });
    expect(alice.metrics().messagesDropped).toBe(10);
    const down = nextPeerEvent(alice, "bob", "down");
    await clock.advance(3_000);
    await down;
  });

  it("that asks and never reads the answers costs a bounded queue, then its connection", async () => {
    const limits = { maxMessageBytes: 64 * KIB, maxQueuedBytesPerPeer: 256 * KIB };
    const alice = tcpNode("alice", limits);
    alice.onRequest("m", () => new Uint8Array(60 * KIB));
    await alice.start();
    const mallory = await greeted(alice.address, "mallory", "alice");
    const down = nextPeerEvent(alice, "mallory", "down");
    const isDown = (): boolean => alice.metrics().peers["mallory"] === undefined;
    mallory.write(NAME_M);
    for (let id = 1; !isDown(); id++) {
      if (!mallory.write(frame(FRAME.REQUEST, 0, id, new Uint8Array(100)))) await turn();
      const queuedBytes = alice.metrics().peers["mallory"]?.queuedBytes ?? 0;
      expect(queuedBytes).toBeLessThanOrEqual(2 * limits.maxQueuedBytesPerPeer + 128 * KIB);
    }
    await down;
  });

  it("that falls silent is asked, and given up after as much silence again", async () => {
    const clock = new VirtualClock();
    const alice = tcpNode("alice", { keepAliveMs: 1_000 }, { clock });
    const up = nextPeerEvent(alice, "bob", "up");
    await alice.start();
    const bob = await greeted(alice.address, "bob", "alice");
    await up;
    const asked = new Promise<Buffer>((resolve) => bob.once("data", resolve));
    bob.resume();
    await clock.advance(1_000);
    expect((await asked)[4]).toBe(FRAME.PING);
    const down = nextDiagnostic("down", "alice");
    await clock.advance(1_000);
    expect((await down).reason).toMatch(/silent for 2000 ms/);
  });

  it("that answers when asked stays", async () => {
    const clock = new VirtualClock();
    const alice = tcpNode("alice", { keepAliveMs: 1_000 }, { clock });
    const bob = tcpNode("bob");
    await Promise.all([alice.start(), bob.start()]);
    const states: string[] = [];
    const up = nextPeerEvent(alice, "bob", "up");
    alice.onPeer(({ state }) => states.push(state));
    bob.addPeer("alice", alice.address);
    await up;
    for (let second = 0; second < 10; second++) {
      const before = alice.metrics().peers["bob"]?.bytesReceived;
      await clock.advance(1_000);
      if (second % 2 === 1) continue; // what came since the question was heard
      while (alice.metrics().peers["bob"]?.bytesReceived === before) await turn();
    }
    expect(states).toEqual(["up"]);
  });
});
