import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteSink } from "../../src/codec/byte-sink.ts";
import { bytes } from "../../src/codec/bytes.ts";
import type { Codec, OrderedCodec } from "../../src/codec/codec.ts";
import { descending } from "../../src/codec/descending.ts";
import { float64 } from "../../src/codec/float64.ts";
import { int } from "../../src/codec/int.ts";
import { json } from "../../src/codec/json.ts";
import { tuple } from "../../src/codec/tuple.ts";
import { uint } from "../../src/codec/uint.ts";
import { utf8 } from "../../src/codec/utf8.ts";

function encoded<T>(codec: Codec<T>, value: T): Uint8Array {
  const sink = new ByteSink(1);
  sink.append(Uint8Array.of(9, 9, 9), 0, 3); // codecs append: what stands before is not theirs
  codec.write(value, sink);
  expect(sink.bytes.subarray(0, 3)).toEqual(Uint8Array.of(9, 9, 9));
  return sink.bytes.slice(3, sink.length);
}

function decoded<T>(codec: Codec<T>, of: Uint8Array): T {
  const padded = Uint8Array.of(7, ...of, 7);
  return codec.read(padded, 1, padded.length - 1);
}

type Order<T> = (left: T, right: T) => number;

const byNumber: Order<number> = (left, right) => {
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  return left - right || 0; // two infinities differ by NaN
};
const byCodePoint: Order<string> = (left, right) => {
  const [a, b] = [left, right].map((text) => Array.from(text, (one) => one.codePointAt(0)!));
  return byItems<number>(byNumber)(a!, b!);
};
function byItems<T>(order: Order<T>): Order<readonly T[]> {
  return (left, right) => {
    for (let index = 0; index < Math.min(left.length, right.length); index++) {
      const difference = order(left[index]!, right[index]!);
      if (difference !== 0) return difference;
    }
    return left.length - right.length;
  };
}

const anyText = fc.string({ unit: "binary" });
const anyNumber = fc.double().map((value) => value + 0);
const anyInt = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -300, max: 300 }));
const anyUint = fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 600 }));
const anyBytes = fc.uint8Array({ maxLength: 12 });
const manyZeros = fc.array(fc.constantFrom(0, 1, 2, 254, 255)).map((some) => Uint8Array.from(some));

function prove<T>(codec: OrderedCodec<T>, values: fc.Arbitrary<T>, order: Order<T>): void {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const [a, b] = [encoded(codec, left), encoded(codec, right)];
      expect(decoded(codec, a)).toEqual(left);
      expect(Math.sign(Buffer.compare(a, b))).toBe(Math.sign(order(left, right)));
      if (codec.fixedBytes !== undefined) expect(a.length).toBe(codec.fixedBytes);
    }),
    { numRuns: 500 },
  );
}

describe("an ordered codec gives back what it was given, and its bytes stand in the values' order", () => {
  it("utf8, by code point", () => prove(utf8, anyText, byCodePoint));
  it("bytes", () => prove(bytes, anyBytes, (left, right) => Buffer.compare(left, right)));
  it("float64, with infinities, and NaN at the end", () => prove(float64, anyNumber, byNumber));
  it("int", () => prove(int, anyInt, byNumber));
  it("uint", () => prove(uint, anyUint, byNumber));
  it("descending, of what has a fixed size", () =>
    prove(descending(float64), anyNumber, (left, right) => byNumber(right, left)));
  it("descending, of what has none", () =>
    prove(descending(bytes), manyZeros, (left, right) => byItems(byNumber)([...right], [...left])));
  it("a tuple, by its first part, then its second and so on", () => {
    const parts = fc.tuple(manyZeros, anyNumber, anyText, manyZeros);
    prove(tuple(bytes, float64, utf8, bytes), parts, (left, right) => {
      return (
        Buffer.compare(left[0], right[0]) ||
        byNumber(left[1], right[1]) ||
        byCodePoint(left[2], right[2]) ||
        Buffer.compare(left[3], right[3])
      );
    });
  });
  it("a tuple in a tuple, one part descending", () => {
    const parts = fc.tuple(fc.tuple(manyZeros, anyInt), anyUint);
    const codec = tuple(tuple(bytes, descending(int)), uint);
    prove<[[Uint8Array, number], number]>(codec, parts, (left, right) => {
      return (
        Buffer.compare(left[0][0], right[0][0]) ||
        byNumber(right[0][1], left[0][1]) ||
        byNumber(left[1], right[1])
      );
    });
  });
});

describe("codecs", () => {
  it("utf8 writes a lone surrogate as U+FFFD, short or long", () => {
    for (const text of ["a\ud800b", "\udc00", `${"x".repeat(100)}\ud800`]) {
      expect(decoded(utf8, encoded(utf8, text))).toBe(text.replace(/\p{Surrogate}/u, "\ufffd"));
    }
  });

  it("utf8 writes just what TextEncoder does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(encoded(utf8, text)).toEqual(new TextEncoder().encode(text));
      }),
    );
  });

  it("json gives back what JSON can hold, and refuses what it cannot", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy: unknown = JSON.parse(JSON.stringify(value));
        expect(decoded(json(), encoded(json(), value))).toEqual(copy);
      }),
    );
    expect(() => encoded(json<unknown>(), undefined)).toThrow("undefined has no form in JSON");
  });

  it("int and uint refuse what they would change", () => {
    expect(() => encoded(int, 1.5)).toThrow("not 1.5");
    expect(() => encoded(int, 2 ** 53)).toThrow("up to 2^53 - 1");
    expect(() => encoded(uint, -1)).toThrow("not -1");
    expect(encoded(int, -0)).toEqual(encoded(int, 0));
    expect(encoded(float64, -0)).toEqual(encoded(float64, 0));
  });

  it("a tuple with a part that has no order has none, and gives back its values", () => {
    const codec: Codec<[number, { a: string }]> = tuple(float64, json<{ a: string }>());
    expect("isOrdered" in codec).toBe(false);
    expect(decoded(codec, encoded(codec, [1, { a: "\0" }]))).toEqual([1, { a: "\0" }]);
  });
});
