import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkSource, type ByteSource } from "../../src/input/byte-source.ts";
import type { RecordBatch, Split } from "../../src/input/input.ts";
import { firstByteRead, type LineOptions, readLines } from "../../src/input/line-reader.ts";

interface Line {
  readonly offset: number;
  readonly text: string;
}

/** What a file's lines are, as said in the docs: the whole file at once, as text. */
function naiveLines(file: Buffer): Line[] {
  const text = file.toString("latin1");
  const lines: Line[] = [];
  let offset = text.startsWith("\xef\xbb\xbf") ? 3 : 0;
  while (offset < text.length) {
    const newline = text.indexOf("\n", offset);
    const line = newline < 0 ? text.slice(offset) : text.slice(offset, newline);
    lines.push({ offset, text: newline < 0 ? line : line.replace(/\r$/, "") });
    offset += line.length + 1;
  }
  return lines;
}

/** Gives at most `most` bytes at once, as pipes and decoders do. */
function bufferSource(file: Buffer, position: number, most: number): ByteSource {
  let at = position;
  return {
    read: (into) => {
      const count = file.copy(into, 0, at, at + Math.min(most, into.length));
      at += count;
      return count;
    },
    close: () => undefined,
  };
}

function linesOf(batch: RecordBatch): Line[] {
  return Array.from({ length: batch.count }, (_, index) => {
    const start = batch.starts[index] ?? 0;
    const bytes = batch.bytes.subarray(start, batch.ends[index]);
    return { offset: batch.offset + start, text: Buffer.from(bytes).toString("latin1") };
  });
}

async function read(source: ByteSource, split: Split, options: LineOptions): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const batch of readLines(source, split, options)) lines.push(...linesOf(batch));
  return lines;
}

function splitsOf(size: number, splitBytes: number): Split[] {
  return Array.from({ length: Math.ceil(size / splitBytes) }, (_, index) => ({
    file: "file",
    start: index * splitBytes,
    end: Math.min(size, (index + 1) * splitBytes),
  }));
}

const piece = fc.constantFrom("\n", "\n\n", "\r\n", "\r", "a", "ö", "word", " ", "x".repeat(40));
const file = fc
  .tuple(fc.constantFrom("", "\ufeff"), fc.array(piece, { maxLength: 60 }))
  .map(([mark, pieces]) => Buffer.from(mark + pieces.join("")));
const sizes = fc.record({
  splitBytes: fc.integer({ min: 1, max: 50 }),
  chunkBytes: fc.integer({ min: 1, max: 50 }),
  most: fc.integer({ min: 1, max: 20 }),
});

describe("readLines", () => {
  it("each line is in exactly one split, whatever the sizes of splits and chunks", async () => {
    await fc.assert(
      fc.asyncProperty(file, sizes, async (bytes, { splitBytes, chunkBytes, most }) => {
        const found: Line[] = [];
        for (const split of splitsOf(bytes.length, splitBytes)) {
          const source = bufferSource(bytes, firstByteRead(split), most);
          const lines = await read(source, split, { maxRecordBytes: 10_000, chunkBytes });
          for (const { offset } of lines) {
            const isFirst = split.start === 0 && offset <= 3;
            expect(isFirst || (offset >= split.start && offset < (split.end ?? 0))).toBe(true);
          }
          found.push(...lines);
        }
        expect(found).toEqual(naiveLines(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("lines beyond maxRecordBytes are told with their place and length, and only those left out", async () => {
    await fc.assert(
      fc.asyncProperty(
        file,
        sizes,
        fc.integer({ min: 1, max: 60 }),
        async (bytes, { splitBytes, chunkBytes, most }, maxRecordBytes) => {
          const found: Line[] = [];
          const skipped: { offset: number; bytes: number }[] = [];
          const onTooLarge = (offset: number, length: number): void =>
            void skipped.push({ offset, bytes: length });
          for (const split of splitsOf(bytes.length, splitBytes)) {
            const source = bufferSource(bytes, firstByteRead(split), most);
            const options = { maxRecordBytes, chunkBytes, onTooLarge };
            found.push(...(await read(source, split, options)));
          }
          const lines = naiveLines(bytes);
          const isTooLarge = ({ text }: Line): boolean => text.length > maxRecordBytes;
          expect(found).toEqual(lines.filter((line) => !isTooLarge(line)));
          expect(skipped).toEqual(
            lines.filter(isTooLarge).map(({ offset, text }) => ({ offset, bytes: text.length })),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("with quotes, a newline within them ends no record", async () => {
    const part = fc.constantFrom('"', '""', "a", "\n", "\r\n", ",", "long field");
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), sizes, async (parts, size) => {
        const text = parts.join("");
        const bytes = Buffer.from(text.split('"').length % 2 === 1 ? text : `${text}"`);
        const options = { maxRecordBytes: 10_000, isQuoted: true, chunkBytes: size.chunkBytes };
        const split = { file: "file", start: 0, end: bytes.length };
        const lines = await read(bufferSource(bytes, 0, size.most), split, options);
        const expected: string[] = [];
        for (const { text: line } of naiveLines(bytes)) {
          const last = expected.at(-1);
          if (last !== undefined && last.split('"').length % 2 === 0) {
            expected[expected.length - 1] = `${last}\n${line}`;
          } else {
            expected.push(line);
          }
        }
        // The naive way has lost whether a newline within quotes had a CR.
        expect(lines.map((line) => line.text.replaceAll("\r\n", "\n"))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("an endless line fills no memory: it fails as soon as it is too long", async () => {
    let chunks = 0;
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) {
        chunks += 1;
        yield Buffer.alloc(64 * 1_024, "x");
      }
    }
    const reading = read(
      chunkSource(endless()),
      { file: "endless", start: 0, end: null },
      { maxRecordBytes: 1_000_000 },
    );
    await expect(reading).rejects.toMatchObject({
      code: "record-too-large",
      place: { file: "endless", offset: 0 },
    });
    expect(chunks).toBeLessThan(50);
  });

  it("many short lines come in several batches of the same chunk", async () => {
    const bytes = Buffer.alloc(300_000, "\n");
    const split = { file: "file", start: 0, end: bytes.length };
    const batches: number[] = [];
    const options = { maxRecordBytes: 10 };
    for await (const batch of readLines(bufferSource(bytes, 0, 1e9), split, options)) {
      batches.push(batch.count);
    }
    expect(batches).toEqual([65_536, 65_536, 65_536, 65_536, 300_000 - 4 * 65_536]);
  });

  it("a quoted field that is never closed is told, with the record's place", async () => {
    const bytes = Buffer.from('a,b\n1,"open\n2,3\n');
    const split = { file: "file", start: 0, end: bytes.length };
    const reading = read(bufferSource(bytes, 0, 5), split, { maxRecordBytes: 99, isQuoted: true });
    await expect(reading).rejects.toMatchObject({
      code: "invalid-input",
      place: { file: "file", offset: 4 },
    });
  });

  it("stops at an aborted signal, and closes the source", async () => {
    let isClosed = false;
    const source = {
      ...bufferSource(Buffer.from("a\nb\n"), 0, 9),
      close: () => void (isClosed = true),
    };
    const options = { maxRecordBytes: 9, signal: AbortSignal.abort(new Error("enough")) };
    const reading = read(source, { file: "file", start: 0, end: 4 }, options);
    await expect(reading).rejects.toMatchObject({ code: "aborted", cause: new Error("enough") });
    expect(isClosed).toBe(true);
  });
});
