import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEntry, decodeMessage, encodeMessage, type Message } from "../src/index.ts";

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const position = fc.record({ index: number, term: number });
const entry = fc
  .record({
    term: fc.nat({ max: 2 ** 48 - 1 }),
    kind: fc.constantFrom("noop", "command", "configuration"),
    payload: fc.uint8Array({ maxLength: 300 }),
  })
  .map(({ term, kind, payload }) => createEntry(term, kind, payload));

function of(type: Message["type"], fields: object): fc.Arbitrary<Message> {
  return fc.record({ type: fc.constant(type), term: number, ...fields }) as fc.Arbitrary<Message>;
}

const message: fc.Arbitrary<Message> = fc.oneof(
  of("pre-vote-request", { last: position }),
  of("pre-vote-reply", { granted: fc.boolean() }),
  of("vote-request", { last: position }),
  of("vote-granted", {}),
  of("vote-denied", {}),
  of("append-request", {
    previous: position,
    commitIndex: number,
    entries: fc.array(entry, { maxLength: 5 }),
  }),
  of("append-accepted", { matchIndex: number }),
  of("append-rejected", { previousIndex: number, hint: position }),
  of("heartbeat", { commitIndex: number, readRound: number }),
  of("heartbeat-reply", { readRound: number }),
);

describe("messages as bytes", () => {
  it("every message comes back as it was", () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeMessage(encodeMessage(sent))).toEqual(sent);
      }),
    );
  });

  it("a message that was cut or extended anywhere is refused", () => {
    fc.assert(
      fc.property(message, fc.nat(), (sent, cut) => {
        const bytes = encodeMessage(sent);
        const short = decodeMessage(bytes.subarray(0, cut % bytes.length));
        // Cut between two entries, an append is a whole message of fewer entries: the transport
        // frames messages, so that no cut ever reaches this far.
        if (short) expect(short.type).toBe("append-request");
        if (sent.type !== "append-request") {
          expect(decodeMessage(new Uint8Array([...bytes, 0]))).toBeUndefined();
        }
      }),
    );
  });

  it("garbage is refused, or is a message that a core could have sent; it never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        const found = decodeMessage(garbage);
        expect(found === undefined || Number.isSafeInteger(found.term)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
