import { isUtf8 } from "node:buffer";
import { asciiText, utf8Text } from "../codec/text.ts";
import type { RecordBatch } from "../input/input.ts";
import { MapReduceError, type Place } from "../mapreduce-error.ts";
import type { InputRecord } from "./input-record.ts";
import { csvFormat } from "../input/csv-format.ts";
import { encodingOf, isWhole, type TextEncoding } from "./text-encoding.ts";

const PLAIN_CSV = csvFormat(",", undefined);

const NOTHING: RecordBatch = {
  bytes: new Uint8Array(),
  starts: new Uint32Array(),
  ends: new Uint32Array(),
  count: 0,
  offset: 0,
};

/** The one record that a task shows its job, moved from one to the next. */
export class RecordView implements InputRecord {
  readonly #file: string;
  #batch = NOTHING;
  #encoding: TextEncoding | undefined;
  bytes: Uint8Array = NOTHING.bytes;
  start = 0;
  end = 0;

  constructor(file: string) {
    this.#file = file;
  }

  useBatch(batch: RecordBatch): void {
    this.#batch = batch;
    this.#encoding = undefined;
    this.bytes = batch.bytes;
  }

  moveTo(index: number): void {
    this.start = this.#batch.starts[index]!;
    this.end = this.#batch.ends[index]!;
  }

  get place(): Place {
    return { file: this.#file, offset: this.#batch.offset + this.start };
  }

  text(): string {
    const { bytes, start, end } = this;
    this.#encoding ??= this.#encodingOfBatch();
    if (this.#encoding === "ascii") return asciiText(bytes, start, end);
    const isText =
      this.#encoding === "utf8"
        ? isWhole(bytes, start, end, this.#limit)
        : isUtf8(bytes.subarray(start, end));
    if (isText) return utf8Text(bytes, start, end);
    throw this.#bad("it is not UTF-8");
  }

  json(): unknown {
    try {
      return JSON.parse(this.text()) as unknown;
    } catch (error) {
      if (error instanceof MapReduceError) throw error;
      throw this.#bad(`it is not JSON: ${(error as Error).message}`, error);
    }
  }

  csv(): readonly string[] {
    const text = this.text();
    const csv = this.#batch.csv ?? PLAIN_CSV;
    try {
      return csv.fields(text);
    } catch (error) {
      throw this.#bad(`it is not CSV: ${(error as Error).message}`, error);
    }
  }

  field(column: string): string {
    const { place } = this;
    const columns = this.#batch.csv?.columns;
    if (!columns) {
      const message = `there is no column "${column}": the input has no header line`;
      throw new MapReduceError("invalid-input", message, { place });
    }
    const index = columns.indexOf(column);
    if (index < 0) {
      const message = `there is no column "${column}", only ${columns.join(", ")}`;
      throw new MapReduceError("invalid-input", message, { place });
    }
    const field = this.csv()[index];
    if (field === undefined) throw this.#bad(`it has no field for column "${column}"`);
    return field;
  }

  /** Where the batch's last record ends. */
  get #limit(): number {
    return this.#batch.ends[this.#batch.count - 1]!;
  }

  #encodingOfBatch(): TextEncoding {
    return encodingOf(this.bytes, this.#batch.starts[0]!, this.#limit);
  }

  #bad(message: string, cause?: unknown): MapReduceError {
    const { place } = this;
    return new MapReduceError("bad-record", `a record cannot be read: ${message}`, {
      cause,
      place,
    });
  }
}
