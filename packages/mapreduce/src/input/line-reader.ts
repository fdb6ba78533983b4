import { MapReduceError, type Place } from "../mapreduce-error.ts";
import { BATCH_BYTES, MAX_BATCH_RECORDS } from "./batch-limits.ts";
import type { ByteSource } from "./byte-source.ts";
import { checkAborted } from "../check-aborted.ts";
import type { ReadOptions, RecordBatch, Split } from "./input.ts";

export interface LineOptions extends ReadOptions {
  /** Leaves out lines with nothing in them. */
  readonly skipsEmpty?: boolean;
  /** A byte order mark is a part of the first line, as it is where bytes are no file's. */
  readonly keepsMark?: boolean;
  /** A line ends only where the quotes before it are even: the split must be a whole file. */
  readonly isQuoted?: boolean;
  /**
   * Bytes asked for at once.
   *
   * @default 1 MiB
   */
  readonly chunkBytes?: number;
}

/** What is read at once beyond the split's end, where a line is only finished. */
const BEYOND_BYTES = 64 * 1_024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

/** Where a split's lines are read from: its first byte, or the byte before, see `readLines`. */
export function firstByteRead(split: Split): number {
  return Math.max(0, split.start - 1);
}

/**
 * The lines that begin in a split, so that each belongs to exactly one (as Hadoop's
 * `LineRecordReader` has it): where the split does not begin its file, what comes before the first
 * newline from the byte before it on is another's; the last line is read to its end, wherever that is.
 *
 * A line ends with LF or CR LF, the last one with or without; a lone CR ends nothing. A byte order
 * mark at the beginning of the file is left out. Memory: a chunk and one record at the most.
 *
 * @param source from `firstByteRead(split)` on; closed in the end.
 */
export async function* readLines(
  source: ByteSource,
  split: Split,
  options: LineOptions,
): AsyncIterable<RecordBatch> {
  const reader = new LineReader(source, split, options);
  try {
    if (!(await reader.begin())) return;
    do {
      for (;;) {
        const batch = reader.scan();
        if (batch.count > 0) yield batch;
        if (batch.count < MAX_BATCH_RECORDS) break;
      }
    } while (await reader.fill());
    const last = reader.last();
    if (last.count > 0) yield last;
  } finally {
    source.close();
  }
}

class LineReader {
  readonly #source: ByteSource;
  readonly #split: Split;
  readonly #options: LineOptions;
  readonly #end: number;
  readonly #chunkBytes: number;
  readonly #starts: Uint32Array = new Uint32Array(MAX_BATCH_RECORDS);
  readonly #ends: Uint32Array = new Uint32Array(MAX_BATCH_RECORDS);
  #bytes: Buffer;
  /** The part of `#bytes` that is filled. */
  #view: Buffer;
  #filled = 0;
  /** Where in the file `#bytes` begins. */
  #offset: number;
  #lineStart = 0;
  /** No newline that ends the line lies before it. */
  #searched = 0;
  /** No quote that is not yet counted lies before it. */
  #quote = 0;
  #isInQuotes = false;
  /** Bytes of the line that were dropped as it is too large; they lie before `#lineStart`. */
  #dropped = 0;
  #isDone = false;

  constructor(source: ByteSource, split: Split, options: LineOptions) {
    this.#source = source;
    this.#split = split;
    this.#options = options;
    this.#end = split.end ?? Infinity;
    this.#chunkBytes = options.chunkBytes ?? BATCH_BYTES;
    this.#bytes = Buffer.allocUnsafe(this.#chunkBytes + 1_024);
    this.#view = this.#bytes.subarray(0, 0);
    this.#offset = firstByteRead(split);
  }

  /** Finds the first line. False when the split has none. */
  async begin(): Promise<boolean> {
    return this.#split.start > 0 ? this.#skipToLine() : this.#skipByteOrderMark();
  }

  /** The next lines among the bytes that are there; fewer than fit, when there are no more of them. */
  scan(): RecordBatch {
    const { skipsEmpty = false, maxRecordBytes } = this.#options;
    const bytes = this.#bytes;
    let count = 0;
    while (!this.#isDone && count < MAX_BATCH_RECORDS) {
      const newline = this.#nextLineEnd();
      if (newline < 0) break;
      const start = this.#lineStart;
      const end = newline > start && bytes[newline - 1] === RETURN ? newline - 1 : newline;
      if (this.#dropped > 0 || end - start > maxRecordBytes) this.#tooLarge(start, end);
      else if (!skipsEmpty || end > start) {
        this.#starts[count] = start;
        this.#ends[count] = end;
        count += 1;
      }
      this.#lineStart = newline + 1;
      this.#isDone = this.#offset + newline + 1 >= this.#end;
    }
    return this.#batch(count);
  }

  /** Reads on. False at the end of the split or the file. */
  async fill(): Promise<boolean> {
    if (this.#isDone) return false;
    checkAborted(this.#options.signal);
    this.#makeRoom();
    const left = this.#end - this.#offset - this.#filled;
    const wanted = Math.min(this.#chunkBytes, left > 0 ? left : BEYOND_BYTES);
    const room = this.#bytes.subarray(this.#filled, this.#filled + wanted);
    const read = this.#source.read(room);
    const count = typeof read === "number" ? read : await read;
    this.#filled += count;
    this.#view = this.#bytes.subarray(0, this.#filled);
    return count > 0;
  }

  /** The line after which there is no newline. */
  last(): RecordBatch {
    const start = this.#lineStart;
    const end = this.#filled;
    if (this.#isDone || (start === end && this.#dropped === 0)) return this.#batch(0);
    if (this.#isInQuotes) {
      throw new MapReduceError("invalid-input", "a quoted field is not closed", {
        place: this.#place(),
      });
    }
    if (this.#dropped > 0 || end - start > this.#options.maxRecordBytes) {
      this.#tooLarge(start, end);
      return this.#batch(0);
    }
    this.#starts[0] = start;
    this.#ends[0] = end;
    return this.#batch(1);
  }

  async #skipToLine(): Promise<boolean> {
    while (await this.fill()) {
      const newline = this.#view.indexOf(NEWLINE);
      if (newline >= 0) {
        this.#lineStart = this.#searched = newline + 1;
        return this.#offset + newline + 1 < this.#end;
      }
      this.#offset += this.#filled;
      this.#filled = 0;
      if (this.#offset >= this.#end) return false;
    }
    return false;
  }

  async #skipByteOrderMark(): Promise<boolean> {
    while (this.#filled < 3 && (await this.fill()));
    const hasMark =
      !this.#options.keepsMark && this.#filled >= 3 && this.#bytes.readUIntBE(0, 3) === 0xefbbbf;
    if (hasMark) this.#lineStart = this.#searched = 3;
    return this.#filled > 0;
  }

  /** The newline that ends the line, or -1 if it is not among the bytes that are there. */
  #nextLineEnd(): number {
    for (;;) {
      const newline = this.#view.indexOf(NEWLINE, this.#searched);
      this.#searched = newline < 0 ? this.#filled : newline + 1;
      if (this.#options.isQuoted) this.#passQuotes(this.#searched);
      if (newline < 0 || !this.#isInQuotes) return newline;
    }
  }

  #passQuotes(to: number): void {
    let at = this.#quote;
    for (;;) {
      if (at < this.#filled && this.#view[at] !== QUOTE) {
        const found = this.#view.indexOf(QUOTE, at);
        at = found < 0 ? this.#filled : found;
      }
      if (at >= to) break;
      this.#isInQuotes = !this.#isInQuotes;
      at += 1;
    }
    this.#quote = at;
  }

  /** Moves what is left of a line to the beginning; makes room for as much as may be read. */
  #makeRoom(): void {
    const { maxRecordBytes } = this.#options;
    // A CR may yet be part of the line's end: one byte more is not too large for certain.
    if (this.#dropped > 0 || this.#filled - this.#lineStart > maxRecordBytes + 1) this.#drop();
    if (this.#lineStart > 0) {
      this.#bytes.copyWithin(0, this.#lineStart, this.#filled);
      this.#offset += this.#lineStart;
      this.#filled -= this.#lineStart;
      this.#searched -= this.#lineStart;
      this.#quote -= this.#lineStart;
      this.#lineStart = 0;
    }
    if (this.#bytes.length - this.#filled >= this.#chunkBytes) return;
    const larger = Buffer.allocUnsafe(2 * this.#filled + this.#chunkBytes);
    this.#bytes.copy(larger, 0, 0, this.#filled);
    this.#bytes = larger;
  }

  /** Forgets the beginning of a line that is too large, but for the last byte, which may be a CR. */
  #drop(): void {
    if (!this.#options.onTooLarge) this.#tooLarge(this.#lineStart, this.#filled);
    const kept = Math.max(this.#lineStart, this.#filled - 1);
    this.#dropped += kept - this.#lineStart;
    this.#lineStart = kept;
  }

  #tooLarge(start: number, end: number): void {
    const { onTooLarge, maxRecordBytes } = this.#options;
    const bytes = this.#dropped + end - start;
    if (!onTooLarge) {
      throw new MapReduceError(
        "record-too-large",
        `a line of ${bytes} bytes or more is longer than maxRecordBytes, ${maxRecordBytes}`,
        { place: this.#place() },
      );
    }
    onTooLarge(this.#offset + start - this.#dropped, bytes);
    this.#dropped = 0;
  }

  #place(): Place {
    return {
      file: this.#split.file,
      offset: this.#offset + this.#lineStart - this.#dropped,
    };
  }

  #batch(count: number): RecordBatch {
    return {
      bytes: this.#bytes,
      starts: this.#starts,
      ends: this.#ends,
      count,
      offset: this.#offset,
    };
  }
}
