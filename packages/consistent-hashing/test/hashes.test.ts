import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import xxhash from "xxhash-wasm";
import { md5 } from "../src/hash/md5.ts";
import { createEnvoyRing, fnv1a, type Key, murmur3, xxh32, xxh64 } from "../src/index.ts";
import guava from "./vectors/guava.json" with { type: "json" };

const PRIME32 = 2_654_435_761;
const FOX = "The quick brown fox jumps over the lazy dog";

/** SMHasher's VerificationTest: of the hashes of keys of all lengths below 256, the hash. */
function verification(hash: (key: Uint8Array, seed: number) => Uint8Array): string {
  const all: number[] = [];
  const key = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let length = 0; length < 256; length++) {
    all.push(...hash(key.subarray(0, length), 256 - length));
  }
  return Buffer.from(hash(Uint8Array.from(all), 0))
    .readUInt32LE(0)
    .toString(16);
}

function bytes32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function bytes64(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/** The test buffer of xxHash's own xsum_sanity_check.c. */
function xxhashBuffer(length: number): Uint8Array {
  let state = BigInt(PRIME32);
  return Uint8Array.from({ length }, () => {
    const byte = Number(state >> 56n);
    state = BigInt.asUintN(64, state * 11_400_714_785_074_694_797n);
    return byte;
  });
}

const HASHES: Readonly<Record<string, (key: Key, seed: number) => number | bigint>> = {
  murmur3,
  xxh32,
  xxh64: (key, seed) => xxh64(key, BigInt(seed)),
  fnv1a,
};

describe("published vectors", () => {
  it("SMHasher's verification values of murmur3, XXH32 and XXH64", () => {
    expect(verification((key, seed) => bytes32(murmur3(key, seed)))).toBe("b0f57ee3");
    expect(verification((key, seed) => bytes32(xxh32(key, seed)))).toBe("ba88b743");
    expect(verification((key, seed) => bytes64(xxh64(key, BigInt(seed))))).toBe("24b7cf4");
  });

  it("xxHash's sanity check of XXH32", () => {
    const buffer = xxhashBuffer(222);
    const actual = [0, 1, 14, 222].flatMap((length) => {
      const key = buffer.subarray(0, length);
      return [xxh32(key), xxh32(key, PRIME32)];
    });
    expect(actual).toEqual([
      0x02cc5d05, 0x36b78ae7, 0xcf65b03e, 0xb4545aa4, 0x1208e7e2, 0x6af1d1fe, 0x5bd11dbd,
      0x58803c5f,
    ]);
  });

  it("xxHash's sanity check of XXH64", () => {
    const buffer = xxhashBuffer(222);
    const actual = [0, 1, 14, 222].flatMap((length) => {
      const key = buffer.subarray(0, length);
      return [xxh64(key), xxh64(key, BigInt(PRIME32))];
    });
    expect(actual).toEqual([
      0xef46db3751d8e999n,
      0xac75fda2929b17efn,
      0xe934a84adb052768n,
      0x5014607643a9b4c3n,
      0x8282dcc4994e35c8n,
      0xc3bd6bf63deb6df0n,
      0xb641ae8cb691c174n,
      0x20cb8ab7ae10c14an,
    ]);
    expect(xxh64(buffer.subarray(0, 4))).toBe(0x9136a0dca57457een);
    expect(xxh64(FOX)).toBe(0x0b242d361fda71bcn);
  });

  it("FNV's test suite, 32 bits", () => {
    expect(["", "a", "foobar"].map((key) => fnv1a(key))).toEqual([
      0x811c9dc5, 0xe40c292c, 0xbf9cf968,
    ]);
  });

  it("RFC 1321's test suite, and node:crypto's MD5 at every length up to three blocks", () => {
    const words = new Uint32Array(4);
    const digest = (key: string): string => {
      md5(key, words);
      return Buffer.from(words.buffer).toString("hex");
    };
    expect(digest("")).toBe("d41d8cd98f00b204e9800998ecf8427e");
    expect(digest("message digest")).toBe("f96b697d7cb7938d525a2f31aaf161d0");
    for (let length = 0; length <= 192; length++) {
      const key = "aé".repeat(length).slice(0, length);
      expect(digest(key)).toBe(createHash("md5").update(key).digest("hex"));
    }
  });

  it("Guava's murmur3_32_fixed of strings and of longs", () => {
    for (const [text, hash] of guava.murmur) expect(murmur3(String(text))).toBe(hash);
    for (const [value = "", hash] of guava.longs) {
      expect(murmur3(BigInt(value))).toBe(Number(hash));
    }
  });
});

describe("xxhash-wasm, for long keys", () => {
  it("has the same hashes of strings and bytes, so either can stand for the other", async () => {
    const wasm = await xxhash();
    const seeds = fc.nat(2 ** 32 - 1);
    const texts = fc.string({ unit: "grapheme", maxLength: 200 });
    fc.assert(
      fc.property(texts, fc.uint8Array({ maxLength: 200 }), seeds, (text, bytes, seed) => {
        expect(xxh32(text, seed)).toBe(wasm.h32(text, seed));
        expect(xxh64(text, BigInt(seed))).toBe(wasm.h64(text, BigInt(seed)));
        expect(xxh32(bytes, seed)).toBe(wasm.h32Raw(bytes, seed));
        expect(xxh64(bytes, BigInt(seed))).toBe(wasm.h64Raw(bytes, BigInt(seed)));
      }),
    );
    const ring = createEnvoyRing({ nodes: ["a", "b", "c"] });
    for (let key = 0; key < 200; key++) {
      expect(ring.locateHash(wasm.h64(`/a/long/path/${key}`))).toBe(
        ring.locate(`/a/long/path/${key}`),
      );
    }
  });
});

describe.each(Object.entries(HASHES))("%s", (_name, hash) => {
  const seeds = fc.nat(2 ** 32 - 1);

  it("hashes a string and its UTF-8 bytes alike, whatever is in it", () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 100 }),
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.string({ unit: fc.constantFrom("a", "é", "你", "😀", "\ud800", "\udc00"), maxLength: 60 }),
    );
    fc.assert(
      fc.property(texts, seeds, (text, seed) => {
        expect(hash(text, seed)).toBe(hash(new TextEncoder().encode(text), seed));
      }),
    );
  });

  it("hashes an integer as its eight bytes, and 5 as 5n", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), seeds, (value, seed) => {
        const bytes = bytes64(BigInt.asUintN(64, BigInt(value)));
        expect(hash(value, seed)).toBe(hash(bytes, seed));
        expect(hash(BigInt(value), seed)).toBe(hash(bytes, seed));
      }),
    );
  });

  it("takes a key of 1 MB, also beyond ASCII, and keeps none of its memory", () => {
    const text = "ключ-".repeat(120_000);
    expect(hash(text, 1)).toBe(hash(new TextEncoder().encode(text), 1));
    expect(hash("k", 1)).toBe(hash(new TextEncoder().encode("k"), 1));
  });

  it("does not read beyond a view, or from its buffer's start", () => {
    const buffer = new TextEncoder().encode("xxxx-key-yyyy").subarray(5, 8);
    expect(hash(buffer, 7)).toBe(hash("key", 7));
  });

  it("another seed is another hash", () => {
    expect(hash(FOX, 1)).not.toBe(hash(FOX, 2));
  });

  it.each([[1.5], [NaN], [2 ** 53], [2n ** 64n], [-(2n ** 63n) - 1n], [null], [{}], [undefined]])(
    "refuses %s as a key",
    (key) => {
      expect(() => hash(key as Key, 0)).toThrow(expect.objectContaining({ code: "invalid-key" }));
    },
  );
});
