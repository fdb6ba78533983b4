import { createEntry } from "@quorate/replication/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLogMessage, encodeLogMessage, type LogMessage } from "../src/log/index.ts";

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const ballot = fc.record({
  round: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  node: fc.string({ minLength: 1, maxLength: 20 }),
  incarnation: number,
});
const life = fc.record({ birth: number, votes: fc.boolean() });
const entry = fc
  .record({
    term: fc.nat({ max: 2 ** 48 - 1 }),
    kind: fc.constantFrom("noop", "command", "configuration"),
    payload: fc.uint8Array({ maxLength: 300 }),
  })
  .map(({ term, kind, payload }) => createEntry(term, kind, payload));
const slots = fc.array(fc.record({ slot: number, ballot, entry }), { maxLength: 5 });
const configurations = fc.array(
  fc.record({
    index: number,
    voters: fc.array(
      fc.record({ node: fc.string(), birth: fc.option(number, { nil: undefined }) }),
      { maxLength: 5 },
    ),
  }),
  { maxLength: 5 },
);

function of(type: LogMessage["type"], fields: object): fc.Arbitrary<LogMessage> {
  return fc.record({ type: fc.constant(type), ...fields }) as fc.Arbitrary<LogMessage>;
}

const message: fc.Arbitrary<LogMessage> = fc.oneof(
  of("canvass", { round: number, decided: number }),
  of("canvass-reply", { round: number, granted: fc.boolean(), promised: ballot, life }),
  of("prepare", { ballot, from: number }),
  of("promise", { ballot, life, from: number, next: number, accepted: slots }),
  of("trimmed", { ballot, base: number }),
  of("nack", { ballot, promised: ballot }),
  of("accept", {
    ...{ ballot, first: number, decided: number },
    entries: fc.array(entry, { maxLength: 5 }),
  }),
  of("accepted", { ballot, life, match: number }),
  of("missing", { ballot, life, first: number, match: number }),
  of("heartbeat", { ballot, decided: number, readRound: number }),
  of("heartbeat-reply", { ballot, life, decided: number, readRound: number }),
  of("configurations", { upTo: number, configurations }),
  of("chosen", { decided: slots }),
);

describe("the log's messages as bytes", () => {
  it("every message comes back as it was", () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeLogMessage(encodeLogMessage(sent))).toEqual(sent);
      }),
    );
  });

  it("a message that was cut or extended anywhere is refused", () => {
    fc.assert(
      fc.property(message, fc.nat(), (sent, cut) => {
        const bytes = encodeLogMessage(sent);
        expect(decodeLogMessage(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
        expect(decodeLogMessage(new Uint8Array([...bytes, 0]))).toBeUndefined();
      }),
    );
  });

  it("any bytes are a message or refused, and nothing else happens", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const found = decodeLogMessage(bytes);
        expect(found === undefined || typeof found.type === "string").toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
