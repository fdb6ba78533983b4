import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { encodeCommand, MAX_LEASE_TTL_SECONDS, put } from "../src/index.ts";
import { COMMAND_ERROR_CODES } from "../src/kv-error.ts";
import { decodeAnswers, encodeAnswers } from "../src/protocol/answer-codec.ts";
import {
  type Answer,
  CONSISTENCIES,
  REJECTION_REASONS,
  type Request,
  UNKNOWN_REASONS,
} from "../src/protocol/protocol.ts";
import { decodeRequests, encodeRequests } from "../src/protocol/request-codec.ts";
import { addFrame, readFrames } from "../src/protocol/frames.ts";
import { decodeCall, decodeNews, encodeCall, encodeNews } from "../src/protocol/watch-codec.ts";
import type { WatchCall, WatchNews } from "../src/protocol/watch-protocol.ts";
import { protocolOf } from "../src/protocol/store-protocol.ts";
import { TestCluster } from "./test-cluster.ts";

const PROTOCOL = protocolOf(undefined);
const number = fc.maxSafeNat();
const bytes = fc.uint8Array({ maxLength: 100 }).map((some) => Buffer.from(some));
const leader = fc.option(fc.string({ minLength: 1 }), { nil: undefined });

const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({
    kind: fc.constant("propose" as const),
    timeoutMs: number,
    sessionId: number,
    sequence: number,
    answeredBelow: number,
    command: bytes,
  }),
  fc.record({ kind: fc.constant("open-session" as const), timeoutMs: number }),
  fc.record({
    kind: fc.constant("read" as const),
    timeoutMs: number,
    consistency: fc.constantFrom(...CONSISTENCIES),
    command: bytes,
  }),
  fc.record({
    kind: fc.constant("keep-alive" as const),
    timeoutMs: number,
    leases: fc.array(number),
  }),
  fc.record({ kind: fc.constant("time-to-live" as const), timeoutMs: number, lease: number }),
  fc.record({ kind: fc.constant("leases" as const), timeoutMs: number }),
);

const requests = fc.record({
  maxAnswerBytes: number,
  requests: fc.array(request, { minLength: 1 }),
});

const ttlSeconds = fc.integer({ min: 1, max: MAX_LEASE_TTL_SECONDS });
const call: fc.Arbitrary<WatchCall> = fc.oneof(
  fc.record({
    kind: fc.constant("watch" as const),
    watchId: number,
    request: fc.record({
      key: bytes,
      rangeEnd: bytes,
      startRevision: number.map((each) => Math.max(1, each)),
      prevKv: fc.boolean(),
      noPuts: fc.boolean(),
      noDeletes: fc.boolean(),
    }),
  }),
  fc.record({ kind: fc.constant("cancel" as const), watchId: number }),
  fc.record({ kind: fc.constant("progress" as const), timeoutMs: number }),
);

const news: fc.Arbitrary<WatchNews> = fc.oneof(
  fc.record({
    kind: fc.constant("events" as const),
    watchIds: fc.array(number),
    isFragment: fc.boolean(),
    events: bytes,
  }),
  fc.record({
    kind: fc.constant("progress" as const),
    watchIds: fc.array(number),
    revision: number,
  }),
  fc.record({ kind: fc.constant("compacted" as const), watchId: number, compactRevision: number }),
  fc.record({
    kind: fc.constant("refused" as const),
    watchId: number,
    code: fc.constantFrom("overloaded" as const, ...COMMAND_ERROR_CODES),
  }),
  fc.constant({ kind: "alive" } as const),
);

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constant("kept" as const),
    renewals: fc.array(fc.oneof(ttlSeconds, fc.constantFrom("not-found", "expired"))),
  }),
  fc.record({
    kind: fc.constant("time-to-live" as const),
    lease: fc.record({ id: number, ttlSeconds, remainingMs: number, keys: fc.array(bytes) }),
  }),
  fc.record({
    kind: fc.constant("leases" as const),
    leases: fc.array(fc.record({ id: number, ttlSeconds })),
  }),
  fc.record({ kind: fc.constantFrom("committed", "value"), index: number, result: bytes }),
  fc.record({
    kind: fc.constant("rejected" as const),
    reason: fc.constantFrom(...REJECTION_REASONS),
    leader,
  }),
  fc.record({ kind: fc.constant("unknown" as const), reason: fc.constantFrom(...UNKNOWN_REASONS) }),
  fc.record({ kind: fc.constant("session" as const), sessionId: number }),
  fc.constant({ kind: "deferred" } as const),
  fc.record({ kind: fc.constant("unreadable" as const), leader }),
  fc.record({
    kind: fc.constant("refused" as const),
    code: fc.constantFrom("malformed", "not-a-read"),
  }),
);

describe("the protocol between client and node", () => {
  it("gives back every request and answer", () => {
    fc.assert(
      fc.property(requests, fc.array(answer), (some, others) => {
        expect(decodeRequests(encodeRequests(some))).toEqual(some);
        expect(decodeAnswers(encodeAnswers(others, Infinity))).toEqual(others);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back all that is said on a stream of watches, however its bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call), fc.array(news), fc.nat(40), async (calls, told, cut) => {
        const chunk: Uint8Array[] = [];
        for (const each of calls) addFrame(chunk, encodeCall(each));
        for (const each of told) {
          addFrame(chunk, encodeNews(each), each.kind === "events" ? each.events : Buffer.alloc(0));
        }
        const frames: Uint8Array[] = [];
        for await (const frame of readFrames(cutInto(Buffer.concat(chunk), cut + 1))) {
          frames.push(frame);
        }
        expect(frames.slice(0, calls.length).map(decodeCall)).toEqual(calls);
        expect(frames.slice(calls.length).map(decodeNews)).toEqual(told);
      }),
    );
  });

  it("a node leaves a client that says garbage on its stream of watches, and no other", async () => {
    cluster = new TestCluster();
    const client = await cluster.start();
    const stream = await cluster.settled(cluster.clientTransport.openStream("a", PROTOCOL));
    const ended = cluster.settled(stream[Symbol.asyncIterator]().next());
    void stream.write(Buffer.from([1, 0, 0, 0, 9]));
    await expect(ended).rejects.toMatchObject({ code: "stream-reset" });
    expect(await cluster.settled(client.put("k", "v"))).toMatchObject({ kind: "committed" });
  });

  let cluster: TestCluster;
  afterEach(() => cluster?.stop());

  it("a node answers garbage with a refusal, and goes on", async () => {
    cluster = new TestCluster();
    const client = await cluster.start();
    const ask = async (message: Uint8Array): Promise<Answer> =>
      decodeAnswers(
        await cluster.settled(cluster.clientTransport.request("a", PROTOCOL, message)),
      )[0]!;
    const command = encodeCommand(put("k", "v"));
    const read = { kind: "read", timeoutMs: 1, consistency: "stale", command } as const;
    expect(await ask(new Uint8Array(0))).toEqual({ kind: "refused", code: "malformed" });
    expect(await ask(Uint8Array.of(9, 9))).toEqual({
      kind: "refused",
      code: "unsupported-version",
    });
    expect(await ask(encodeRequests({ maxAnswerBytes: 0, requests: [read] }))).toMatchObject({
      kind: "value",
    });
    expect(cluster.machine.machine.revision).toBe(1);
    expect(await cluster.settled(client.put("k", "v"))).toMatchObject({ kind: "committed" });
  });
});

async function* cutInto(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}
