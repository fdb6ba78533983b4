import { describe, expect, it } from "vitest";
import type { PeerEvent } from "../peer-event.ts";
import { bytes, text } from "./bytes.ts";
import { deferred, nextPeerEvent, nextUncaught } from "./events.ts";
import { eachWithFixture, type TransportClusterFactory } from "./transport-cluster.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export function lifecycleCases(factory: TransportClusterFactory): void {
  describe("peers", () => {
    const fixture = eachWithFixture(factory);

    it("are up when a node comes and down when it stops; a node is no peer of itself", async () => {
      const { alice, cluster, create } = fixture();
      const events: PeerEvent[] = [];
      alice.onPeer((event) => events.push(event));
      const carol = create("carol");
      await cluster.add(carol);
      expect(events).toEqual([{ peer: "carol", state: "up" }]);
      const down = nextPeerEvent(alice, "carol", "down");
      await carol.stop();
      await down;
      expect(events.at(-1)).toEqual({ peer: "carol", state: "down" });
    });

    it("go down and up again when the connection breaks; then they can be reached", async () => {
      const { alice, bob, cluster } = fixture();
      alice.onRequest("r", () => bytes("here"));
      bob.onRequest("r", () => bytes("here"));
      const nodes = [alice, bob] as const;
      const seen = nodes.map((node) => {
        const states: PeerEvent["state"][] = [];
        node.onPeer(({ state }) => states.push(state));
        return states;
      });
      const up = Promise.all([
        nextPeerEvent(alice, "bob", "up"),
        nextPeerEvent(bob, "alice", "up"),
      ]);
      cluster.disconnect("alice", "bob");
      await up;
      expect(seen).toEqual([
        ["down", "up"],
        ["down", "up"],
      ]);
      expect(text(await alice.request("bob", "r", EMPTY))).toBe("here");
      expect(text(await bob.request("alice", "r", EMPTY))).toBe("here");
    });

    it("are no longer told of after unsubscribing; a listener that throws harms no other", async () => {
      const { alice, bob } = fixture();
      let told = 0;
      alice.onPeer(() => told++)();
      alice.onPeer(() => {
        throw new Error("a listener's own fault");
      });
      const down = nextPeerEvent(alice, "bob", "down");
      const uncaught = await nextUncaught(() => void bob.stop());
      expect(uncaught).toEqual(new Error("a listener's own fault"));
      await down;
      expect(told).toBe(0);
    });
  });

  describe("start and stop", () => {
    const fixture = eachWithFixture(factory);

    it("before start: not-started", async () => {
      const carol = fixture().create("carol");
      const notStarted = expect.objectContaining({ code: "not-started" });
      expect(() => carol.send("alice", "m", EMPTY)).toThrow(notStarted);
      await expect(carol.request("alice", "r", EMPTY)).rejects.toEqual(notStarted);
      await expect(carol.openStream("alice", "s")).rejects.toEqual(notStarted);
    });

    it("stop rejects outstanding requests with stopped and resets streams", async () => {
      const { alice, bob } = fixture();
      const [running, aborted] = [deferred(), deferred()];
      bob.onRequest("slow", (_from, _message, signal) => {
        signal.addEventListener("abort", () => aborted.resolve());
        running.resolve();
        return new Promise(() => {});
      });
      bob.onStream("s", () => {});
      const stream = await alice.openStream("bob", "s");
      const reading = stream[Symbol.asyncIterator]().next();
      const outcome = Promise.allSettled([alice.request("bob", "slow", EMPTY), reading]);
      await running.promise;
      await alice.stop();
      expect(await outcome).toEqual([
        { status: "rejected", reason: expect.objectContaining({ code: "stopped" }) },
        { status: "rejected", reason: expect.objectContaining({ code: "stream-reset" }) },
      ]);
      await aborted.promise;
    });

    it("after stop nothing is called, and every call is stopped", async () => {
      const { alice, bob } = fixture();
      let calls = 0;
      const count = (): Uint8Array => {
        calls++;
        return EMPTY;
      };
      bob.onMessage("m", count);
      bob.onRequest("r", count);
      bob.onStream("s", () => void count());
      bob.onPeer(count);
      for (let at = 0; at < 100; at++) alice.send("bob", "m", EMPTY);
      const down = nextPeerEvent(alice, "bob", "down");
      const attempts = Promise.allSettled([
        alice.request("bob", "r", EMPTY),
        alice.openStream("bob", "s"),
      ]);
      await bob.stop();
      const callsAtStop = calls;
      await down;
      await attempts;
      expect(calls).toBe(callsAtStop);
      const stopped = expect.objectContaining({ code: "stopped" });
      expect(() => bob.send("alice", "m", EMPTY)).toThrow(stopped);
      await expect(bob.request("alice", "r", EMPTY)).rejects.toEqual(stopped);
      await expect(bob.start()).rejects.toEqual(stopped);
    });

    it("stop may be called twice, and without a start", async () => {
      const { alice, create } = fixture();
      await Promise.all([alice.stop(), alice.stop()]);
      await expect(alice.stop()).resolves.toBeUndefined();
      await expect(create("carol").stop()).resolves.toBeUndefined();
    });

    it("a listener may stop the transport: it is the last one called", async () => {
      const { alice, bob } = fixture();
      const stopped = deferred();
      let calls = 0;
      bob.onMessage("m", () => {
        calls++;
        void bob.stop().then(stopped.resolve);
      });
      for (let at = 0; at < 10; at++) alice.send("bob", "m", EMPTY);
      await stopped.promise;
      expect(calls).toBe(1);
    });

    it("a node of the same name may come back, and is reached again", async () => {
      const { alice, bob, cluster, create } = fixture();
      await bob.stop();
      const again = create("bob");
      again.onRequest("r", () => bytes("the new one"));
      await cluster.add(again);
      expect(text(await alice.request("bob", "r", EMPTY))).toBe("the new one");
    });
  });
}
