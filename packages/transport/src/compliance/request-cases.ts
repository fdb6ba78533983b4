import { describe, expect, it } from "vitest";
import { bytes, pattern, text } from "./bytes.ts";
import { deferred, nextPeerEvent } from "./events.ts";
import {
  COMPLIANCE_LIMITS,
  eachWithFixture,
  type TransportClusterFactory,
} from "./transport-cluster.ts";

const NEVER: Promise<Uint8Array> = new Promise(() => {});
const EMPTY: Uint8Array = new Uint8Array(0);
const { maxMessageBytes, maxRequestsInFlightPerPeer } = COMPLIANCE_LIMITS;

export function requestCases(factory: TransportClusterFactory): void {
  describe("requests", () => {
    const fixture = eachWithFixture(factory);

    it("resolve to the answer, whether the handler gives it at once or later", async () => {
      const { alice, bob } = fixture();
      bob.onRequest("now", (from, message) => bytes(`${from} said ${text(message)}`));
      bob.onRequest("later", (_, message) => Promise.resolve(message));
      expect(text(await alice.request("bob", "now", bytes("hello")))).toBe("alice said hello");
      expect(await alice.request("bob", "later", EMPTY)).toHaveLength(0);
      const large = pattern(maxMessageBytes, 7);
      expect(Buffer.from(large).equals(await alice.request("bob", "later", large))).toBe(true);
    });

    it("go both ways, and to the node itself, over the same connection", async () => {
      const { alice, bob } = fixture();
      alice.onRequest("who", () => bytes("alice"));
      expect(text(await bob.request("alice", "who", EMPTY))).toBe("alice");
      expect(text(await alice.request("alice", "who", EMPTY))).toBe("alice");
    });

    it("of which 1,000 are under way each get their own answer", async () => {
      const { alice, bob } = fixture();
      const held: (() => void)[] = [];
      bob.onRequest("echo", (_, message) => {
        const answer = deferred<Uint8Array>();
        held.push(() => answer.resolve(message));
        if (held.length === 1_000) for (const release of held.toReversed()) release();
        return answer.promise;
      });
      const numbers = Array.from({ length: 1_000 }, (_, at) => String(at));
      const answers = await Promise.all(numbers.map((n) => alice.request("bob", "echo", bytes(n))));
      expect(answers.map(text)).toEqual(numbers);
    });

    it("arrive in the order in which they were sent", async () => {
      const { alice, bob } = fixture();
      const received: string[] = [];
      bob.onRequest("r", (_, message) => {
        received.push(text(message));
        return EMPTY;
      });
      const numbers = Array.from({ length: 500 }, (_, at) => String(at));
      await Promise.all(numbers.map((n) => alice.request("bob", "r", bytes(n))));
      expect(received).toEqual(numbers);
    });

    it("nobody handles: no-handler", async () => {
      const { alice } = fixture();
      const request = alice.request("bob", "nobody's", EMPTY);
      await expect(request).rejects.toMatchObject({ code: "no-handler" });
    });

    it("whose handler throws or rejects: remote-error with its message", async () => {
      const { alice, bob } = fixture();
      bob.onRequest("throws", () => {
        throw new Error("no such order");
      });
      bob.onRequest("rejects", () => Promise.reject(new Error("out of stock")));
      await expect(alice.request("bob", "throws", EMPTY)).rejects.toMatchObject({
        code: "remote-error",
        message: "no such order",
      });
      await expect(alice.request("bob", "rejects", EMPTY)).rejects.toMatchObject({
        code: "remote-error",
        message: "out of stock",
      });
    });

    it("to a node that nobody knows: unknown-peer; too large a one: too-large", async () => {
      const { alice } = fixture();
      const unknown = alice.request("nobody", "r", EMPTY);
      await expect(unknown).rejects.toMatchObject({ code: "unknown-peer" });
      const large = alice.request("bob", "r", new Uint8Array(maxMessageBytes + 1));
      await expect(large).rejects.toMatchObject({ code: "too-large" });
    });

    it("whose answer is too large: remote-error", async () => {
      const { alice, bob } = fixture();
      bob.onRequest("r", () => new Uint8Array(maxMessageBytes + 1));
      const request = alice.request("bob", "r", EMPTY);
      await expect(request).rejects.toMatchObject({ code: "remote-error" });
    });

    it("above maxRequestsInFlightPerPeer: overloaded, and the others go on", async () => {
      const { alice, bob } = fixture();
      const release = deferred<Uint8Array>();
      bob.onRequest("held", () => release.promise);
      const held = Array.from({ length: maxRequestsInFlightPerPeer }, () =>
        alice.request("bob", "held", EMPTY),
      );
      const one = alice.request("bob", "held", EMPTY);
      await expect(one).rejects.toMatchObject({ code: "overloaded" });
      release.resolve(bytes("done"));
      expect((await Promise.all(held)).map(text)).toEqual(held.map(() => "done"));
    });

    it("without an answer in time: timeout, and the handler's signal aborts", async () => {
      const { alice, bob } = fixture();
      const aborted = deferred();
      bob.onRequest("slow", (_from, _message, signal) => {
        signal.addEventListener("abort", () => aborted.resolve());
        return NEVER;
      });
      const request = alice.request("bob", "slow", EMPTY, { timeoutMs: 20 });
      await expect(request).rejects.toMatchObject({ code: "timeout" });
      await aborted.promise;
    });

    it("with a timeoutMs that is not above 0: invalid-option", async () => {
      const { alice } = fixture();
      for (const timeoutMs of [0, -1, Number.NaN]) {
        const request = alice.request("bob", "r", EMPTY, { timeoutMs });
        await expect(request).rejects.toMatchObject({ code: "invalid-option" });
      }
    });

    it("with a signal that has aborted are not sent", async () => {
      const { alice, bob } = fixture();
      let served = 0;
      bob.onRequest("r", () => {
        served++;
        return EMPTY;
      });
      const signal = AbortSignal.abort(new Error("changed my mind"));
      await expect(alice.request("bob", "r", EMPTY, { signal })).rejects.toThrow("changed my mind");
      await alice.request("bob", "r", EMPTY);
      expect(served).toBe(1);
    });

    it("whose signal aborts: the signal's reason, and the handler's signal aborts", async () => {
      const { alice, bob } = fixture();
      const [running, aborted] = [deferred(), deferred()];
      bob.onRequest("slow", (_from, _message, signal) => {
        signal.addEventListener("abort", () => aborted.resolve());
        running.resolve();
        return NEVER;
      });
      const caller = new AbortController();
      const request = alice.request("bob", "slow", EMPTY, { signal: caller.signal });
      await running.promise;
      caller.abort(new Error("changed my mind"));
      await expect(request).rejects.toThrow("changed my mind");
      await aborted.promise;
    });

    it("under way when the connection breaks: connection-lost, and the handler's signal aborts", async () => {
      const { alice, bob, cluster } = fixture();
      const [running, aborted] = [deferred(), deferred()];
      bob.onRequest("slow", (_from, _message, signal) => {
        signal.addEventListener("abort", () => aborted.resolve());
        running.resolve();
        return NEVER;
      });
      const request = alice.request("bob", "slow", EMPTY);
      await running.promise;
      cluster.disconnect("alice", "bob");
      await expect(request).rejects.toMatchObject({ code: "connection-lost" });
      await aborted.promise;
    });

    it("to a node that has stopped: unreachable or unknown-peer", async () => {
      const { alice, bob } = fixture();
      const down = nextPeerEvent(alice, "bob", "down");
      await bob.stop();
      await down;
      const request = alice.request("bob", "r", EMPTY);
      await expect(request).rejects.toMatchObject({
        code: expect.stringMatching(/^(unreachable|unknown-peer)$/),
      });
    });
  });
}
