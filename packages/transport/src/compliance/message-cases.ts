import { describe, expect, it } from "vitest";
import { bytes, pattern, text } from "./bytes.ts";
import { deferred, nextPeerEvent, nextUncaught, sendAll, turn } from "./events.ts";
import {
  COMPLIANCE_LIMITS,
  eachWithFixture,
  type TransportClusterFactory,
} from "./transport-cluster.ts";

export function messageCases(factory: TransportClusterFactory): void {
  describe("messages", () => {
    const fixture = eachWithFixture(factory);

    it("arrive once each, in the order in which they were sent, whatever their sizes", async () => {
      const { alice, bob } = fixture();
      const sizes = [0, 1, 255, 8_191, 8_192, 65_535, 65_536, COMPLIANCE_LIMITS.maxMessageBytes];
      const sent = Array.from({ length: 2_000 }, (_, at) =>
        pattern(at % 50 === 0 ? (sizes[(at / 50) % sizes.length] ?? 0) : at % 300, at),
      );
      const received: Uint8Array[] = [];
      const all = deferred();
      bob.onMessage("order", (from, message) => {
        expect(from).toBe("alice");
        received.push(message);
        if (received.length === sent.length) all.resolve();
      });
      await sendAll(alice, "bob", "order", sent);
      await all.promise;
      // Compared at the end: what was received is the receiver's to keep.
      expect(received.map((message) => Buffer.from(message).toString("base64"))).toEqual(
        sent.map((message) => Buffer.from(message).toString("base64")),
      );
    });

    it("are never delivered from within send, not even to the node itself", async () => {
      const { alice } = fixture();
      const arrived = deferred<string>();
      let returned = false;
      alice.onMessage("self", (from, message) => {
        arrived.resolve(`${from}: ${text(message)}, ${returned ? "later" : "at once"}`);
      });
      expect(alice.send("alice", "self", bytes("hello"))).toBe(true);
      returned = true;
      expect(await arrived.promise).toBe("alice: hello, later");
    });

    it("reach only the listener of their protocol", async () => {
      const { alice, bob } = fixture();
      const received: string[] = [];
      const last = deferred();
      bob.onMessage("one", (_, message) => void received.push(`one ${text(message)}`));
      bob.onMessage("two", (_, message) => {
        received.push(`two ${text(message)}`);
        last.resolve();
      });
      alice.send("bob", "one", bytes("1"));
      alice.send("bob", "nobody's", bytes("2"));
      alice.send("bob", "two", bytes("3"));
      await last.promise;
      expect(received).toEqual(["one 1", "two 3"]);
    });

    it("are dropped, and said to be, when the queue is full; those queued arrive in order", async () => {
      const { alice, bob } = fixture();
      const received: number[] = [];
      const last = deferred();
      bob.onMessage("flood", (_, message) => {
        received.push(new DataView(message.buffer, message.byteOffset).getUint32(0));
        if (received.length === queued.length) last.resolve();
      });
      const queued: number[] = [];
      for (let at = 0; queued.length === at; at++) {
        const message = new Uint8Array(100_000);
        new DataView(message.buffer).setUint32(0, at);
        if (alice.send("bob", "flood", message)) queued.push(at);
      }
      await last.promise;
      expect(received).toEqual(queued);
    });

    it("across broken connections: some may be lost, none comes twice or out of order", async () => {
      const { alice, bob, cluster } = fixture();
      const received: number[] = [];
      bob.onMessage("count", (_, message) => {
        received.push(new DataView(message.buffer, message.byteOffset).getUint32(0));
      });
      let sent = 0;
      const send = (): void => {
        const message = new Uint8Array(4 + (sent % 3) * 5_000);
        new DataView(message.buffer).setUint32(0, ++sent);
        alice.send("bob", "count", message);
      };
      for (let round = 0; round < 10; round++) {
        for (let at = 0; at < 50; at++) send();
        for (let at = 0; at < round; at++) await turn();
        const up = nextPeerEvent(alice, "bob", "up");
        cluster.disconnect("alice", "bob");
        for (let at = 0; at < 50; at++) send();
        await up;
      }
      bob.onRequest("barrier", (_, message) => message);
      send();
      await alice.request("bob", "barrier", bytes(""));
      expect(received.at(-1)).toBe(sent);
      expect(received).toEqual([...new Set(received)].toSorted((a, b) => a - b));
    });

    it("above maxMessageBytes throw too-large", () => {
      const { alice } = fixture();
      expect(alice.maxMessageBytes).toBe(COMPLIANCE_LIMITS.maxMessageBytes);
      const message = new Uint8Array(COMPLIANCE_LIMITS.maxMessageBytes + 1);
      expect(() => alice.send("bob", "large", message)).toThrow(
        expect.objectContaining({ code: "too-large" }),
      );
    });

    it("to a node that nobody knows throw unknown-peer", () => {
      const { alice } = fixture();
      expect(() => alice.send("nobody", "m", bytes(""))).toThrow(
        expect.objectContaining({ code: "unknown-peer" }),
      );
    });

    it("have one listener a protocol, until it unsubscribes", () => {
      const { alice } = fixture();
      const alreadyHandled = expect.objectContaining({ code: "already-handled" });
      const unsubscribe = alice.onMessage("m", () => {});
      expect(() => alice.onMessage("m", () => {})).toThrow(alreadyHandled);
      unsubscribe();
      unsubscribe();
      alice.onMessage("m", () => {});
      unsubscribe(); // not its own any more
      expect(() => alice.onMessage("m", () => {})).toThrow(alreadyHandled);
    });

    it("whose listener throws: an uncaught exception, and the next one still arrives", async () => {
      const { alice, bob } = fixture();
      const arrived = deferred<string>();
      bob.onMessage("m", (_, message) => {
        if (text(message) === "bad") throw new Error("a listener's own fault");
        arrived.resolve(text(message));
      });
      const uncaught = await nextUncaught(() => {
        alice.send("bob", "m", bytes("bad"));
        alice.send("bob", "m", bytes("good"));
      });
      expect(uncaught).toEqual(new Error("a listener's own fault"));
      expect(await arrived.promise).toBe("good");
    });
  });
}
