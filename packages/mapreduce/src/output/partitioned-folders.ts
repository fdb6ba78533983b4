import { join } from "node:path";
import { MapReduceError } from "../mapreduce-error.ts";
import { writing } from "./output-error.ts";
import type { Output, PartTarget, RecordWriter } from "./output.ts";

/** The fields by which a record is put into a folder, outermost first. */
export type FolderFields = Readonly<Record<string, string | number | boolean | null>>;

export interface PartitionedOptions {
  /**
   * Files that one task may have open at once. One more closes the one not written to for longest;
   * what comes for it later goes into a further piece (`part-00000-0001`). A whole number from 1.
   *
   * @default 64
   */
  readonly maxOpenFiles?: number;
}

/** The name for a field that is null or empty, as Hive and Spark write it. */
const NO_VALUE = "__HIVE_DEFAULT_PARTITION__";
const ESCAPED = /[\p{Cc}"#%'*/:=?\\{[\]^]/gu;

/**
 * Records in folders by fields of theirs, `district=4/part-00000`, in the way of Hive: characters
 * that a path or a reader could take amiss are written as `%2F`. Within folders, files are what
 * `output` makes of them.
 */
export function partitionedFolders<R>(
  by: (record: R) => FolderFields,
  output: Output<R>,
  { maxOpenFiles = 64 }: PartitionedOptions = {},
): Output<R> {
  if (!(Number.isInteger(maxOpenFiles) && maxOpenFiles >= 1)) {
    throw new MapReduceError(
      "invalid-job",
      `maxOpenFiles must be a whole number from 1, not ${maxOpenFiles}`,
    );
  }
  return { open: (target) => new FoldersWriter(by, output, target, maxOpenFiles) };
}

class FoldersWriter<R> implements RecordWriter<R> {
  readonly #by: (record: R) => FolderFields;
  readonly #output: Output<R>;
  readonly #target: PartTarget;
  readonly #maxOpenFiles: number;
  /** By folder, those written to last at the end. */
  readonly #open = new Map<string, RecordWriter<R>>();
  /** Pieces begun, by folder. */
  readonly #pieces = new Map<string, number>();
  #closedBytes = 0;
  #lastName = "";
  #last: RecordWriter<R> | undefined;

  constructor(
    by: (record: R) => FolderFields,
    output: Output<R>,
    target: PartTarget,
    maxOpenFiles: number,
  ) {
    this.#by = by;
    this.#output = output;
    this.#target = target;
    this.#maxOpenFiles = maxOpenFiles;
  }

  get bytes(): number {
    let bytes = this.#closedBytes;
    for (const writer of this.#open.values()) bytes += writer.bytes;
    return bytes;
  }

  write(record: R): void {
    const name = folderName(this.#by(record));
    if (name !== this.#lastName || !this.#last) {
      this.#last = this.#writerOf(name);
      this.#lastName = name;
    }
    this.#last.write(record);
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#close(name);
  }

  abandon(): void {
    for (const writer of this.#open.values()) writer.abandon();
    this.#open.clear();
  }

  #writerOf(name: string): RecordWriter<R> {
    let writer = this.#open.get(name);
    if (writer) {
      this.#open.delete(name);
    } else {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined && this.#open.size >= this.#maxOpenFiles) this.#close(oldest);
      writer = this.#begin(name);
    }
    this.#open.set(name, writer);
    return writer;
  }

  #begin(name: string): RecordWriter<R> {
    const { disk } = this.#target;
    const folder = join(this.#target.folder, name);
    const piece = this.#pieces.get(name) ?? 0;
    this.#pieces.set(name, piece + 1);
    if (piece === 0) writing(`cannot make ${folder}`, () => disk.makeFolder(folder));
    return this.#output.open({ ...this.#target, folder, piece });
  }

  /** Forgets it only when it is closed: what fails to close is abandoned later. */
  #close(name: string): void {
    const writer = this.#open.get(name);
    writer?.close();
    this.#closedBytes += writer?.bytes ?? 0;
    this.#open.delete(name);
    if (writer === this.#last) this.#last = undefined;
  }
}

function folderName(fields: FolderFields): string {
  const names = Object.entries(fields).map(([field, value]) => {
    const text = value === null || value === "" ? NO_VALUE : escaped(String(value));
    return `${escaped(field)}=${text}`;
  });
  if (names.length > 0) return names.join("/");
  throw new MapReduceError("output-failed", "a record has no field to choose its folder by");
}

function escaped(text: string): string {
  return text.replace(ESCAPED, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${code.padStart(2, "0")}`;
  });
}
