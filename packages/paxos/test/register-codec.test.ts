import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame } from "../src/register/core/codec/frame-codec.ts";
import type { Frame } from "../src/register/core/frame.ts";
import type { Item } from "../src/register/core/item.ts";
import {
  decodeHello,
  decodeKeys,
  decodeMemberRequest,
  encodeHello,
  encodeKeys,
  encodeMemberRequest,
} from "../src/register/driver/member-protocol.ts";

const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const name = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
const key = fc.string({ maxLength: 100, unit: "grapheme" });
const ballot = fc.record({ round: number, node: name, incarnation: number });
const mark = fc.record({ incarnation: number, sequence: number });
const cell = fc.record({
  value: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
  marks: fc.array(mark, { maxLength: 8 }),
  forgotten: fc.nat(),
});
const proposal = fc.record({ ballot, value: cell });
const accepted = fc.option(proposal, { nil: undefined });
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ type: fc.constant("prepare" as const), id: number, key, ballot }),
  fc.record({ id: number, key, proposal, round: fc.option(number) }).map(({ round, ...rest }) => ({
    ...rest,
    type: "accept" as const,
    next: round === null ? undefined : { ...rest.proposal.ballot, round },
  })),
  fc.record({ type: fc.constant("query" as const), id: number, key }),
  fc.record({ type: fc.constant("forget" as const), id: number, key, ballot }),
  fc.record({
    type: fc.constant("promise" as const),
    ...{ id: number, ballot, accepted, forgotten: fc.nat() },
  }),
  fc.record({
    type: fc.constant("accepted" as const),
    ...{ id: number, ballot, promisedNext: fc.boolean() },
  }),
  fc.record({ type: fc.constant("answer" as const), id: number, accepted }),
  fc.record({ type: fc.constant("forgotten" as const), id: number, ballot }),
  fc.record({ type: fc.constant("nack" as const), id: number, ballot, promised: ballot }),
);
const member = fc.record({ node: name, birth: fc.nat(), joined: fc.nat() });
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant("items" as const), epoch: fc.nat(), items: fc.array(item) }),
  fc.record({ kind: fc.constant("epoch" as const), epoch: fc.nat() }),
  fc.record({
    kind: fc.constant("config" as const),
    config: fc.record({
      epoch: fc.nat(),
      members: fc.array(member, { minLength: 1, maxLength: 5 }),
      next: fc.option(fc.array(member, { minLength: 1, maxLength: 5 }), { nil: undefined }),
      forgotten: ballot,
    }),
  }),
);

describe("frames as bytes", () => {
  it("every frame comes back as it was, in pieces that are no larger than they may be", () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 1, max: 2_000 }), (sent, maxBytes) => {
        const pieces = encodeFrame(sent, maxBytes);
        const received = pieces.map((piece) => decodeFrame(piece));
        if (sent.kind !== "items") {
          expect(received).toEqual([sent]);
          return;
        }
        const items = received.flatMap((each) => (each.kind === "items" ? each.items : []));
        expect(items).toEqual(sent.items);
        for (const [at, piece] of pieces.entries()) {
          const alone = received[at]!;
          const isOne = alone.kind === "items" && alone.items.length <= 1;
          if (!isOne) expect(piece.length).toBeLessThanOrEqual(maxBytes);
        }
      }),
    );
  });

  it("no bytes do more than be refused, or be a frame", () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.nat(255), (sent, at, byte) => {
        const bytes = encodeFrame(sent, 1_000_000)[0]!.slice();
        bytes[at % bytes.length] = byte;
        try {
          decodeFrame(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "malformed" });
        }
      }),
    );
  });
});

describe("what the change of members asks, as bytes", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.array(key), ballot, number, (keys, forgotten, cursor) => {
        for (const request of [
          { kind: "hello" as const },
          { kind: "keys" as const, epoch: 3, cursor },
        ]) {
          expect(decodeMemberRequest(encodeMemberRequest(request))).toEqual(request);
        }
        const hello = { birth: cursor, isFirst: keys.length > 1 };
        expect(decodeHello(encodeHello(hello))).toEqual(hello);
        for (const next of [undefined, cursor]) {
          const page = { keys, next, forgotten };
          expect(decodeKeys(encodeKeys(page))).toEqual(page);
        }
      }),
    );
  });
});
