import { StreamError } from "../../stream-error.ts";

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

export interface SplitterOptions {
  /** Whether a line feed between quotes belongs to the record, as in CSV. */
  readonly isQuoted: boolean;
  /** Bytes of a record beyond which it is refused. */
  readonly maxRecordBytes: number;
}

/**
 * Cuts bytes into records at line feeds, wherever chunks begin and end. Characters are decoded by
 * whole records, so none is torn; a carriage return before the line feed is not part of the record.
 */
export class RecordSplitter {
  readonly #options: SplitterOptions;
  readonly #place: string;
  /** Offset in the file of the record that is not complete yet. */
  #startsAt: number;
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #isInQuotes = false;

  /** `place` is for people: the file's name. */
  constructor(place: string, startsAt: number, options: SplitterOptions) {
    this.#place = place;
    this.#startsAt = startsAt;
    this.#options = options;
  }

  /** Where to read on after the records that were returned. */
  get position(): number {
    return this.#startsAt;
  }

  /** Whether there are bytes of a record that is not complete. */
  get isInRecord(): boolean {
    return this.#restBytes > 0;
  }

  /**
   * The records that `chunk` completes. It is kept until they are: do not write into it again.
   *
   * @throws {StreamError} `invalid-record`: a record is longer than allowed
   */
  push(chunk: Buffer): string[] {
    const records: string[] = [];
    let from = 0;
    for (let end = this.#end(chunk, 0); end >= 0; end = this.#end(chunk, from)) {
      records.push(this.#complete(chunk.subarray(from, end)));
      this.#startsAt += 1; // The line feed.
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return records;
  }

  /** What is left at the end of a file: a record without a line feed. */
  end(): string | undefined {
    return this.#restBytes === 0 ? undefined : this.#complete(new Uint8Array(0));
  }

  /** Of the line feed that ends the record; -1 if the chunk does not have it. */
  #end(chunk: Buffer, from: number): number {
    if (!this.#options.isQuoted) return chunk.indexOf(LINE_FEED, from);
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      // A quote that is written twice opens and closes.
      if (byte === QUOTE) this.#isInQuotes = !this.#isInQuotes;
      else if (byte === LINE_FEED && !this.#isInQuotes) return at;
    }
    return -1;
  }

  #keep(bytes: Uint8Array): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    this.#check(this.#restBytes);
  }

  #complete(tail: Uint8Array): string {
    const length = this.#restBytes + tail.length;
    this.#check(length);
    const bytes =
      this.#restBytes === 0
        ? Buffer.from(tail.buffer, tail.byteOffset, tail.length)
        : Buffer.concat([...this.#rest, tail]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#startsAt += length;
    return bytes.toString("utf8", 0, bytes.at(-1) === RETURN ? length - 1 : length);
  }

  #check(length: number): void {
    const { maxRecordBytes } = this.#options;
    if (length <= maxRecordBytes) return;
    const place = `${this.#place} at ${this.#startsAt}`;
    throw new StreamError("invalid-record", `${place}: a record of over ${maxRecordBytes} bytes`);
  }
}
