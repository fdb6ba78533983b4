import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { encodeCommand, put } from "../src/index.ts";
import { decodeAnswer, encodeAnswer } from "../src/protocol/answer-codec.ts";
import {
  type Answer,
  CONSISTENCIES,
  REJECTION_REASONS,
  type Request,
  UNKNOWN_REASONS,
} from "../src/protocol/protocol.ts";
import { decodeRequest, encodeRequest } from "../src/protocol/request-codec.ts";
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
);

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ kind: fc.constantFrom("committed", "value"), index: number, result: bytes }),
  fc.record({
    kind: fc.constant("rejected" as const),
    reason: fc.constantFrom(...REJECTION_REASONS),
    leader,
  }),
  fc.record({ kind: fc.constant("unknown" as const), reason: fc.constantFrom(...UNKNOWN_REASONS) }),
  fc.record({ kind: fc.constant("session" as const), sessionId: number }),
  fc.record({ kind: fc.constant("unreadable" as const), leader }),
  fc.record({
    kind: fc.constant("refused" as const),
    code: fc.constantFrom("malformed", "not-a-read"),
  }),
);

describe("the protocol between client and node", () => {
  it("gives back every request and answer", () => {
    fc.assert(
      fc.property(request, answer, (some, other) => {
        expect(decodeRequest(encodeRequest(some))).toEqual(some);
        expect(decodeAnswer(encodeAnswer(other))).toEqual(other);
      }),
      { numRuns: 500 },
    );
  });

  let cluster: TestCluster;
  afterEach(() => cluster?.stop());

  it("a node answers garbage with a refusal, and goes on", async () => {
    cluster = new TestCluster();
    const client = await cluster.start();
    const ask = async (message: Uint8Array): Promise<Answer> =>
      decodeAnswer(await cluster.settled(cluster.clientTransport.request("a", PROTOCOL, message)));
    const command = encodeCommand(put("k", "v"));
    const read = { kind: "read", timeoutMs: 1, consistency: "stale", command } as const;
    expect(await ask(new Uint8Array(0))).toEqual({ kind: "refused", code: "malformed" });
    expect(await ask(Uint8Array.of(9, 9))).toEqual({
      kind: "refused",
      code: "unsupported-version",
    });
    expect(await ask(encodeRequest(read))).toMatchObject({ kind: "value" });
    expect(cluster.machine.machine.revision).toBe(1);
    expect(await cluster.settled(client.put("k", "v"))).toMatchObject({ kind: "committed" });
  });
});
