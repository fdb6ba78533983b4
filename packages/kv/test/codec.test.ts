import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../src/codec/byte-reader.ts";
import { ByteWriter } from "../src/codec/byte-writer.ts";
import { decodeCommand } from "../src/codec/decode-operation.ts";
import { writeResult } from "../src/codec/encode-result.ts";
import {
  type CommandResult,
  decodeResult,
  encodeCommand,
  type Command,
  type OperationResult,
  KvError,
} from "../src/index.ts";
import { arbitraryCommand } from "./arbitrary-command.ts";
import { inText } from "./machine.ts";

function withDefaults(operation: Command<string>): unknown {
  if (operation.kind === "put") {
    return { prevKv: false, ignoreValue: false, ignoreLease: false, lease: 0, ...operation };
  }
  if (operation.kind === "delete") return { prevKv: false, rangeEnd: "", ...operation };
  if (operation.kind === "range") {
    const sort = { target: "key", order: "ascending" };
    const bounds = {
      minModRevision: 0,
      maxModRevision: 0,
      minCreateRevision: 0,
      maxCreateRevision: 0,
    };
    const plain = { rangeEnd: "", limit: 0, keysOnly: false, countOnly: false, revision: 0 };
    return { ...plain, ...bounds, sort, ...operation };
  }
  if (operation.kind !== "transaction") return operation;
  return {
    ...operation,
    compares: operation.compares.map((compare) => ({ rangeEnd: "", ...compare })),
    success: operation.success.map(withDefaults),
    failure: operation.failure.map(withDefaults),
  };
}

const text = fc.string({ unit: "grapheme-ascii" });
const number = fc.oneof(fc.nat(200), fc.maxSafeNat());
const kv = fc.record({
  key: text,
  value: text,
  createRevision: number,
  modRevision: number,
  version: number,
  lease: number,
});
const { result } = fc.letrec<{ result: OperationResult<string> }>((tie) => ({
  result: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      kind: fc.constant("put" as const),
      revision: number,
      prevKv: fc.option(kv, { nil: undefined }),
    }),
    fc.record({
      kind: fc.constant("delete" as const),
      revision: number,
      deleted: number,
      prevKvs: fc.array(kv),
    }),
    fc.record({
      kind: fc.constant("range" as const),
      revision: number,
      kvs: fc.array(kv),
      more: fc.boolean(),
      count: number,
    }),
    fc.record({
      kind: fc.constant("transaction" as const),
      revision: number,
      succeeded: fc.boolean(),
      results: fc.array(tie("result"), { maxLength: 3 }),
    }),
  ),
}));

const plainResult: fc.Arbitrary<CommandResult<string>> = fc.oneof(
  fc.record({ kind: fc.constant("compact" as const), revision: number }),
  fc.record({
    kind: fc.constant("grant-lease" as const),
    revision: number,
    lease: number,
    ttlSeconds: number,
  }),
  fc.record({ kind: fc.constant("revoke-lease" as const), revision: number, deleted: number }),
  fc.record({ kind: fc.constant("disarm" as const), revision: number, disarmed: fc.boolean() }),
);

describe("the codec", () => {
  it("gives back every command, with the defaults filled in", () => {
    fc.assert(
      fc.property(arbitraryCommand, (command) => {
        expect(decodeCommand(encodeCommand(command))).toEqual(withDefaults(command));
      }),
      { numRuns: 500 },
    );
  });

  it("gives back every result", () => {
    const writer = new ByteWriter(1_048_576, "result-too-large");
    fc.assert(
      fc.property(fc.oneof(result, plainResult), (some) => {
        const bytes = writer.message(() => writeResult(writer, some));
        expect(inText(decodeResult(bytes))).toEqual(some);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses garbage as a result with a typed error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let error: unknown;
        try {
          decodeResult(bytes);
        } catch (thrown) {
          error = thrown;
        }
        expect(error === undefined || error instanceof KvError).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("writes strings as UTF-8, and bytes as they are", () => {
    const bytes = Buffer.from("Zürich ☕");
    expect(encodeCommand({ kind: "put", key: "Zürich ☕", value: "" })).toEqual(
      encodeCommand({ kind: "put", key: bytes, value: new Uint8Array(0) }),
    );
  });

  it("a number has one encoding, of seven bits a byte, up to 2^53 - 1", () => {
    const writer = new ByteWriter(4_096, "result-too-large");
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(300)), (value) => {
        const bytes = writer.message(() => writer.varint(value));
        expect(bytes.length).toBe(Math.max(1, Math.ceil(value.toString(2).length / 7)));
        expect(new ByteReader(bytes).varint()).toBe(value);
      }),
    );
    for (const bytes of [[0x80, 0], [0xff], Array<number>(8).fill(0xff)]) {
      expect(() => new ByteReader(Uint8Array.from(bytes)).varint()).toThrow("not a message");
    }
  });

  it("refuses numbers that it could not give back", () => {
    for (const limit of [-1, 0.5, NaN, 2 ** 53]) {
      expect(() => encodeCommand({ kind: "range", key: "a", limit })).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    }
  });
});
