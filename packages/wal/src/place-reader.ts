import { join } from "node:path";
import type { File, FileSystem } from "@quorate/runtime";
import { offsetAt, segmentAt } from "./place.ts";
import { RECORD_HEADER_BYTES, recordLength } from "./record.ts";
import { segmentName } from "./segment-name.ts";
import { damaged } from "./wal-error.ts";

/** Read at first: enough for most records, and no more than a page. */
const FIRST_BYTES = 4_096 - RECORD_HEADER_BYTES;
/** Files that are kept open; another closes the one that was opened the longest ago. */
const MAX_OPEN_FILES = 256;

/** Reads single records by their places, with the segments' files kept open. */
export class PlaceReader {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #maxRecordBytes: number;
  readonly #files = new Map<number, Promise<File>>();

  constructor(fileSystem: FileSystem, directory: string, maxRecordBytes: number) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#maxRecordBytes = maxRecordBytes;
  }

  async read(place: number): Promise<Uint8Array> {
    const segment = segmentAt(place);
    const file = await this.#open(segment);
    const offset = offsetAt(place);
    const first = new Uint8Array(FIRST_BYTES);
    const read = await file.read(first, offset);
    const wrong = (): Error =>
      damaged({ segment: segmentName(segment), offset }, "no record is here");
    if (read < RECORD_HEADER_BYTES) throw wrong();
    const length = recordLength(first);
    if (length > this.#maxRecordBytes) throw wrong();
    const end = RECORD_HEADER_BYTES + length;
    if (end <= read) return first.slice(RECORD_HEADER_BYTES, end);
    const record = new Uint8Array(length);
    if ((await file.read(record, offset + RECORD_HEADER_BYTES)) < length) throw wrong();
    return record;
  }

  /** Closes the files of segments before `oldest`. */
  async forgetBefore(oldest: number): Promise<void> {
    for (const segment of this.#files.keys()) if (segment < oldest) await this.#close(segment);
  }

  async close(): Promise<void> {
    await this.forgetBefore(Infinity);
  }

  #open(segment: number): Promise<File> {
    const known = this.#files.get(segment);
    if (known) return known;
    const file = this.#fileSystem.open(join(this.#directory, segmentName(segment)));
    this.#files.set(segment, file);
    file.catch(() => this.#files.delete(segment));
    const [oldest] = this.#files.keys();
    if (this.#files.size > MAX_OPEN_FILES) void this.#close(oldest!);
    return file;
  }

  async #close(segment: number): Promise<void> {
    const file = this.#files.get(segment);
    this.#files.delete(segment);
    await file?.then(
      (open) => open.close(),
      () => {}, // whoever wanted to read it was told
    );
  }
}
