import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec } from "../codec/codec.ts";
import { utf8Text } from "../codec/text.ts";
import { utf8 } from "../codec/utf8.ts";
import type { ReduceJob } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { escapeField, unescapeField } from "./line-escape.ts";

const TAB = 0x09;
const NEWLINE = 0x0a;

/**
 * Writes pairs as lines: the key's bytes, with a secondary sort a TAB and what values are sorted by,
 * a TAB, the value, each as `escapeField` has it. A value of a numeric codec is its decimal digits.
 */
export class PairLineWriter {
  readonly #job: ReduceJob;
  readonly #encoded = new ByteSink();
  readonly #lines: ByteSink;

  /** @param lines where lines are appended. */
  constructor(job: ReduceJob, lines: ByteSink) {
    this.#job = job;
    this.#lines = lines;
  }

  write(key: unknown, value: unknown): void {
    const { bytes, length } = this.#encode(this.#job.key, key);
    this.writeBytes(bytes, 0, length, value);
  }

  writeBytes(bytes: Uint8Array, start: number, end: number, value: unknown): void {
    const { sort, value: codec } = this.#job;
    const lines = this.#lines;
    const lineStart = lines.length;
    try {
      escapeField(bytes, start, end, lines);
      this.#writeByte(TAB);
      if (sort) {
        this.#writeField(this.#encode(sort.codec, sort.by(value)));
        this.#writeByte(TAB);
      }
      const encoded = this.#encode(codec, value);
      // What the codec has checked, in a form that other programs can read.
      if (codec.isNumeric) utf8.write(String(value), lines);
      else this.#writeField(encoded);
      this.#writeByte(NEWLINE);
    } catch (error) {
      lines.length = lineStart; // no half of a line
      throw error;
    }
  }

  #encode(codec: Codec<unknown>, value: unknown): ByteSink {
    this.#encoded.length = 0;
    codec.write(value, this.#encoded);
    return this.#encoded;
  }

  #writeField({ bytes, length }: ByteSink): void {
    escapeField(bytes, 0, length, this.#lines);
  }

  #writeByte(byte: number): void {
    this.#lines.reserve(1);
    this.#lines.bytes[this.#lines.length++] = byte;
  }
}

/** Where the fields of a line are. */
export interface PairLine {
  readonly keyEnd: number;
  readonly valueStart: number;
}

/** Finds the key and the value of a line; other programs leave an empty value out, TAB and all. */
export function pairLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  hasOrder: boolean,
): PairLine {
  const keyEnd = fieldEnd(bytes, start, end);
  const orderEnd = hasOrder ? fieldEnd(bytes, Math.min(keyEnd + 1, end), end) : keyEnd;
  return { keyEnd, valueStart: Math.min(orderEnd + 1, end) };
}

function fieldEnd(bytes: Uint8Array, start: number, end: number): number {
  const tab = bytes.indexOf(TAB, start);
  return tab < 0 || tab > end ? end : tab;
}

/** What a field stands for. Its bytes are good until the next call. */
export class FieldReader {
  readonly #bytes = new ByteSink();

  key<T>(codec: Codec<T>, bytes: Uint8Array, start: number, end: number): T {
    this.#bytes.length = 0;
    unescapeField(bytes, start, end, this.#bytes);
    return codec.read(this.#bytes.bytes, 0, this.#bytes.length);
  }

  value<T>(codec: Codec<T>, bytes: Uint8Array, start: number, end: number): T {
    if (!codec.isNumeric) return this.key(codec, bytes, start, end);
    const text = utf8Text(bytes, start, end);
    const number = Number(text);
    if (text.trim() !== "" && (!Number.isNaN(number) || text === "NaN")) return number as T;
    throw new MapReduceError("bad-record", `a value is no number: ${JSON.stringify(text)}`);
  }
}
