import {
  type Clock,
  type FileSystem,
  pause,
  systemClock,
  systemFileSystem,
} from "@quorate/runtime";
import type { Batch, Source, SourceContext } from "../../connector.ts";
import { keyGroup } from "../../core/state/key-groups.ts";
import { StreamError } from "../../stream-error.ts";
import { decodeAll, type OnInvalid } from "../decoding.ts";
import { type FilePosition, FileTail, START } from "./file-tail.ts";
import type { FileFormat } from "./format.ts";
import { RecordSplitter } from "./record-splitter.ts";

export interface FilesSourceOptions<T> {
  /** Its files are read; those of folders in it are not. */
  readonly folder: string;
  readonly format: FileFormat<T>;
  /** Which files, by name. @default those whose names do not begin with a dot */
  readonly matches?: (name: string) => boolean;
  /**
   * Whether to go on with what files grow by, and with new ones. A record is read once its line feed
   * is there. Else the source ends at the ends of the files that are there when it is opened.
   *
   * @default false
   */
  readonly follow?: boolean;
  /** Milliseconds after which files that had ended are looked at again. @default 1000 */
  readonly pollMs?: number;
  /** Bytes read at once, and held for each file that is read. @default 256 KiB */
  readonly readBytes?: number;
  /** Bytes of a record, and of a header, beyond which it is an `invalid-record`. @default 1 MiB */
  readonly maxRecordBytes?: number;
  /** @default the source fails with `invalid-record`, which says where */
  readonly onInvalid?: OnInvalid<string>;
}

export interface FilesSourceDependencies {
  /** @default systemFileSystem */
  readonly fileSystem?: FileSystem;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * The files of a folder, each a split that is named as the file, with the bytes that were read as
 * position. Files only grow: one that was truncated or replaced since (rotated) is `position-lost`.
 * Files take turns, a read each; they are dealt out to subtasks by their names.
 */
export function filesSource<T>(
  options: FilesSourceOptions<T>,
  { fileSystem = systemFileSystem, clock = systemClock }: FilesSourceDependencies = {},
): Source<T> {
  const { pollMs = 1_000, readBytes = 2 ** 18, maxRecordBytes = 2 ** 20 } = options;
  for (const [name, value] of Object.entries({ pollMs, readBytes, maxRecordBytes })) {
    if (value >= 1 && Number.isFinite(value)) continue;
    throw new StreamError("invalid-option", `${name} must be 1 or above, not ${value}`);
  }
  const limits = { pollMs, readBytes, maxRecordBytes };
  return { open: (context) => new FilesReader(options, limits, context, fileSystem, clock) };
}

type Limits = Required<
  Pick<FilesSourceOptions<unknown>, "pollMs" | "readBytes" | "maxRecordBytes">
>;

interface Reading {
  readonly name: string;
  readonly tail: FileTail;
  readonly splitter: RecordSplitter;
  position: FilePosition;
  header: string | undefined;
}

class FilesReader<T> implements AsyncIterable<Batch<T>> {
  readonly #options: FilesSourceOptions<T>;
  readonly #limits: Limits;
  readonly #context: SourceContext;
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #readings = new Map<string, Reading>();
  /** Gone, and read to their ends before. */
  readonly #gone = new Set<string>();

  constructor(
    options: FilesSourceOptions<T>,
    limits: Limits,
    context: SourceContext,
    fileSystem: FileSystem,
    clock: Clock,
  ) {
    this.#options = options;
    this.#limits = limits;
    this.#context = context;
    this.#fileSystem = fileSystem;
    this.#clock = clock;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch<T>, void> {
    const { follow = false } = this.#options;
    const { signal, positions } = this.#context;
    try {
      yield* this.#openNew([...positions.keys()]);
      for (let isIdle = false; !signal.aborted;) {
        if (isIdle) {
          if (!follow) return;
          await pause(this.#clock, this.#limits.pollMs, [signal]);
          yield* this.#look();
        }
        isIdle = true;
        for (const reading of this.#readings.values()) {
          const batch = await this.#read(reading, follow);
          if (!batch) continue;
          isIdle = false;
          yield batch;
        }
      }
    } finally {
      for (const { tail } of this.#readings.values()) await tail.close();
    }
  }

  async #listed(): Promise<readonly string[]> {
    const { folder, matches = isVisible } = this.#options;
    return (await this.#fileSystem.list(folder)).filter((name) => matches(name));
  }

  /** Whether files are still those that are read; then those that are new. */
  async *#look(): AsyncGenerator<Batch<T>, void> {
    for (const { name, tail, position } of this.#readings.values()) {
      const same = await FileTail.open(this.#fileSystem, this.#path(name), position);
      await same?.close();
      if (same) continue;
      await tail.close();
      this.#readings.delete(name);
      this.#gone.add(name);
      yield { records: [], split: name, position, isLast: true };
    }
    yield* this.#openNew([]);
  }

  /** Opens what is not open yet, and announces it, all before any is read. */
  async *#openNew(known: readonly string[]): AsyncGenerator<Batch<T>, void> {
    for (const name of new Set([...known, ...(await this.#listed())])) {
      if (this.#readings.has(name) || this.#gone.has(name) || !this.#isOurs(name)) continue;
      const position = (this.#context.positions.get(name) ?? START) as FilePosition;
      // What was only listed may be a folder, or gone again.
      const isKnown = this.#context.positions.has(name);
      const found = { ...position, isEnd: position.isEnd || !isKnown };
      const tail = await FileTail.open(this.#fileSystem, this.#path(name), found);
      if (!tail) {
        this.#gone.add(name);
        if (isKnown) yield { records: [], split: name, position, isLast: true };
        continue;
      }
      const { maxRecordBytes } = this.#limits;
      const { isQuoted } = this.#options.format;
      const splitter = new RecordSplitter(name, position.at, { isQuoted, maxRecordBytes });
      this.#readings.set(name, { name, tail, splitter, position, header: undefined });
      yield { records: [], split: name, position };
    }
  }

  /** The next records of a file; undefined if there are none now. */
  async #read(reading: Reading, follow: boolean): Promise<Batch<T> | undefined> {
    const { name, tail, splitter } = reading;
    const startsAt = splitter.position;
    const chunk = await tail.read(this.#limits.readBytes);
    const isEnd = chunk.length === 0;
    // What follows the last line feed may be half a record.
    if (isEnd && follow && (reading.position.isEnd || splitter.isInRecord)) return undefined;
    const lines = splitter.push(chunk);
    const last = isEnd ? splitter.end() : undefined;
    if (last !== undefined) lines.push(last);
    const records = await this.#decode(reading, lines, startsAt);
    reading.position = await tail.position(splitter.position, isEnd);
    const isLast = isEnd && !follow;
    if (isLast) {
      await tail.close();
      this.#readings.delete(name);
    }
    return { records, split: name, position: reading.position, isLast };
  }

  async #decode(reading: Reading, lines: readonly string[], startsAt: number): Promise<T[]> {
    const { format, onInvalid } = this.#options;
    const { name, tail } = reading;
    if (format.hasHeader) {
      reading.header ??= await tail.firstLine(this.#limits.maxRecordBytes);
    }
    const { header = "" } = reading;
    const rows = format.hasHeader && startsAt === 0 ? lines.slice(1) : lines;
    const placeOf = (line: string): string =>
      `${name}, after ${startsAt} bytes: ${line.slice(0, 80)}`;
    const decoded = decodeAll(rows, (line) => format.decode(line, header), placeOf, onInvalid);
    return decoded.filter((record) => record !== undefined) as T[];
  }

  #path(name: string): string {
    return `${this.#options.folder}/${name}`;
  }

  #isOurs(name: string): boolean {
    const { subtask, subtasks } = this.#context;
    return keyGroup(name, subtasks) === subtask;
  }
}

function isVisible(name: string): boolean {
  return !name.startsWith(".");
}
