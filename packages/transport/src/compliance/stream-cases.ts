import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { TransportStream } from "../transport-stream.ts";
import { bytes, pattern, text } from "./bytes.ts";
import { deferred } from "./events.ts";
import {
  COMPLIANCE_LIMITS,
  eachWithFixture,
  type Fixture,
  type TransportClusterFactory,
} from "./transport-cluster.ts";

const { streamWindowBytes } = COMPLIANCE_LIMITS;

async function readAll(stream: TransportStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Both ends of a stream from alice to bob. */
async function opened({
  alice,
  bob,
}: Fixture): Promise<readonly [TransportStream, TransportStream]> {
  const accepted = deferred<TransportStream>();
  bob.onStream("s", (_, stream) => accepted.resolve(stream));
  return [await alice.openStream("bob", "s"), await accepted.promise];
}

export function streamCases(factory: TransportClusterFactory): void {
  describe("streams", () => {
    const fixture = eachWithFixture(factory);

    it("carry 10 MB, far above maxMessageBytes, whole and in order, and back at the same time", async () => {
      const { alice, bob } = fixture();
      bob.onStream("echo", async (from, stream) => {
        expect(from).toBe("alice");
        for await (const chunk of stream) await stream.write(chunk);
        await stream.end();
      });
      const stream = await alice.openStream("bob", "echo");
      const hash = createHash("sha256");
      const writing = (async () => {
        for (let at = 0; at < 100; at++) {
          const chunk = pattern(at % 2 ? 199_999 : 1, at);
          hash.update(chunk);
          await stream.write(chunk);
        }
        await stream.end();
      })();
      const received = await readAll(stream);
      await writing;
      expect(received.length).toBe(50 * 200_000);
      expect(createHash("sha256").update(received).digest("hex")).toBe(hash.digest("hex"));
    });

    it("end one way and still carry the other", async () => {
      const [near, far] = await opened(fixture());
      await near.write(bytes("question"));
      await near.end();
      expect((await readAll(far)).toString()).toBe("question");
      await far.write(bytes("answer"));
      await far.end();
      expect((await readAll(near)).toString()).toBe("answer");
      await expect(near.write(bytes("more"))).rejects.toMatchObject({ code: "stream-reset" });
    });

    it("make the writer wait while the other side does not read", async () => {
      const { alice, bob } = fixture();
      const [near, far] = await opened(fixture());
      bob.onRequest("barrier", (_, message) => message);
      const chunk = new Uint8Array(streamWindowBytes / 8);
      let written = 0;
      const writing = (async () => {
        for (let at = 0; at < 80; at++) {
          await near.write(chunk);
          written += chunk.length;
        }
        await near.end();
      })();
      for (let at = 0; at < 50; at++) await alice.request("bob", "barrier", bytes(""));
      expect(written).toBeGreaterThan(0);
      expect(written).toBeLessThanOrEqual(streamWindowBytes + chunk.length);
      expect((await readAll(far)).length).toBe(10 * streamWindowBytes);
      await writing;
    });

    it("that wait do not hold up messages and requests", async () => {
      const { alice, bob } = fixture();
      const [near] = await opened(fixture());
      const writing = near.write(new Uint8Array(10 * streamWindowBytes));
      bob.onRequest("r", (_, message) => message);
      expect(text(await alice.request("bob", "r", bytes("through")))).toBe("through");
      near.reset("enough");
      await expect(writing).rejects.toMatchObject({ code: "stream-reset" });
    });

    it("that the opener resets fail on the other side with its reason", async () => {
      const [near, far] = await opened(fixture());
      const reading = readAll(far);
      near.reset("changed my mind");
      const failure = { code: "stream-reset", message: "changed my mind" };
      await expect(reading).rejects.toMatchObject(failure);
      await expect(far.write(bytes("x"))).rejects.toMatchObject(failure);
      await expect(near.write(bytes("x"))).rejects.toMatchObject(failure);
    });

    it("that the acceptor resets fail on the opener's side", async () => {
      const [near, far] = await opened(fixture());
      const reading = readAll(near);
      far.reset("not for me");
      await expect(reading).rejects.toMatchObject({ code: "stream-reset", message: "not for me" });
    });

    it("whose handler rejects are reset with its message", async () => {
      const { alice, bob } = fixture();
      bob.onStream("bad", () => Promise.reject(new Error("cannot")));
      const stream = await alice.openStream("bob", "bad");
      await expect(readAll(stream)).rejects.toMatchObject({
        code: "stream-reset",
        message: "cannot",
      });
    });

    it("nobody takes: no-handler; to a node that nobody knows: unknown-peer", async () => {
      const { alice } = fixture();
      const untaken = alice.openStream("bob", "nobody's");
      await expect(untaken).rejects.toMatchObject({ code: "no-handler" });
      const unknown = alice.openStream("nobody", "s");
      await expect(unknown).rejects.toMatchObject({ code: "unknown-peer" });
    });

    it("above maxStreamsPerPeer: overloaded, until one is over", async () => {
      const { alice, bob } = fixture();
      bob.onStream("s", () => {});
      const open = (): Promise<TransportStream> => alice.openStream("bob", "s");
      const streams: TransportStream[] = [];
      for (let at = 0; at < COMPLIANCE_LIMITS.maxStreamsPerPeer; at++) streams.push(await open());
      await expect(open()).rejects.toMatchObject({ code: "overloaded" });
      streams[0]?.reset("make room");
      await expect(open()).resolves.toBeDefined();
    });

    it("whose signal aborts are reset with its reason, once open; else not opened", async () => {
      const { alice, bob } = fixture();
      const accepted = deferred<TransportStream>();
      bob.onStream("s", (_, stream) => accepted.resolve(stream));
      const caller = new AbortController();
      await alice.openStream("bob", "s", { signal: caller.signal });
      const far = await accepted.promise;
      caller.abort(new Error("changed my mind"));
      await expect(readAll(far)).rejects.toMatchObject({ message: "changed my mind" });
      const late = alice.openStream("bob", "s", { signal: caller.signal });
      await expect(late).rejects.toThrow("changed my mind");
    });

    it("are reset when the connection breaks", async () => {
      const [near, far] = await opened(fixture());
      const reading = Promise.allSettled([readAll(near), readAll(far)]);
      fixture().cluster.disconnect("alice", "bob");
      const reset = {
        status: "rejected",
        reason: expect.objectContaining({ code: "stream-reset" }),
      };
      expect(await reading).toEqual([reset, reset]);
    });

    it("can be read on after a loop over them was left early", async () => {
      const [near, far] = await opened(fixture());
      await near.write(bytes("header"));
      for await (const chunk of far) {
        expect(text(chunk)).toBe("header");
        break;
      }
      await near.write(bytes("body"));
      await near.end();
      expect((await readAll(far)).toString()).toBe("body");
    });
  });
}
