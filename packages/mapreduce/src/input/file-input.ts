import type { Disk } from "../disk/disk.ts";
import { systemDisk } from "../disk/system-disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { type ByteSource, chunkSource, fileSource } from "./byte-source.ts";
import { type Compression, compressionNamed, compressionOf, unpacked } from "./compression.ts";
import { invalidInput } from "./input-error.ts";
import { inputFiles, STANDARD_INPUT } from "./input-files.ts";
import type { Input, ReadOptions, RecordBatch, Split, SplitOptions } from "./input.ts";
import { standardInput } from "./standard-input.ts";

export interface FileOptions {
  /**
   * What the files are packed with. `"auto"`: what the name says (`.gz`, `.zst`), or a text's first
   * bytes. A packed file is one split, whatever its size. Before Node 22.15, checksums of zstd are not
   * looked at: a damaged file may give wrong records, though not one that is cut off.
   *
   * @default "auto"
   */
  readonly compression?: "auto" | Compression;
}

/** What an input needs from outside; each has a default. */
export interface FileInputDependencies {
  /** @default systemDisk */
  readonly disk?: Disk;
}

/** How the bytes of a file are records. */
export interface FileFormat {
  /** False when a file can be read only from its beginning. */
  readonly canSplit: boolean;
  /** Splits begin at multiples of it. */
  readonly alignment: number;
  /** Whether a file's first bytes tell that it is packed: not where they may be anything. */
  readonly isText: boolean;
  /** Where in the file a split is read from. */
  firstByteRead(split: Split): number;
  /** Closes `source` in the end. `head` opens the file once more, at its beginning. */
  read(
    source: ByteSource,
    split: Split,
    options: ReadOptions,
    head: () => ByteSource,
  ): AsyncIterable<RecordBatch>;
}

/** A file's rest is not cut off as a split of its own when it is smaller than this share of one. */
const SMALLEST_REST = 0.1;

/** Files, folders, globs and standard input (`-`) in one format. */
export class FileInput implements Input {
  readonly #paths: readonly string[];
  readonly #format: FileFormat;
  readonly #compression: "auto" | Compression;
  readonly #disk: Disk;
  readonly #options: FileOptions;

  constructor(
    paths: string | readonly string[],
    format: FileFormat,
    options: FileOptions,
    { disk = systemDisk }: FileInputDependencies,
  ) {
    this.#paths = typeof paths === "string" ? [paths] : paths;
    if (this.#paths.length === 0) throw new MapReduceError("invalid-job", "an input has no paths");
    this.#format = format;
    this.#options = options;
    this.#compression = options.compression ?? "auto";
    this.#disk = disk;
  }

  at(paths: readonly string[]): FileInput {
    return new FileInput(paths, this.#format, this.#options, { disk: this.#disk });
  }

  async splits({ splitBytes }: SplitOptions): Promise<readonly Split[]> {
    return inputFiles(this.#disk, this.#paths).flatMap((file) => {
      if (file === STANDARD_INPUT) return [{ file, start: 0, end: null, once: true }];
      const { size, compression } = this.#lookAt(file);
      if (compression !== "none") return [{ file, start: 0, end: null }];
      return this.#cut(file, size, splitBytes);
    });
  }

  async *read(split: Split, options: ReadOptions): AsyncIterable<RecordBatch> {
    try {
      const source = this.#open(split, this.#format.firstByteRead(split));
      yield* this.#format.read(source, split, options, () => this.#open(split, 0));
    } catch (error) {
      throw invalidInput(split.file, error, { file: split.file, offset: split.start });
    }
  }

  #cut(file: string, size: number, splitBytes: number): Split[] {
    const { canSplit, alignment } = this.#format;
    const step = canSplit ? Math.max(1, Math.round(splitBytes / alignment)) * alignment : size;
    const splits: Split[] = [];
    for (let start = 0; start < size;) {
      const end = size - start <= step * (1 + SMALLEST_REST) ? size : start + step;
      splits.push({ file, start, end });
      start = end;
    }
    return splits;
  }

  #lookAt(file: string): { readonly size: number; readonly compression: Compression } {
    try {
      const reader = this.#disk.open(file);
      try {
        const head = new Uint8Array(4);
        reader.read(head, 0);
        return { size: reader.size, compression: this.#compressionOf(file, head) };
      } finally {
        reader.close();
      }
    } catch (error) {
      throw invalidInput(file, error);
    }
  }

  #compressionOf(file: string, head: Uint8Array): Compression {
    if (this.#compression !== "auto") return this.#compression;
    const named = compressionNamed(file);
    return named === "none" && this.#format.isText ? compressionOf(head) : named;
  }

  #open({ file, end }: Split, position: number): ByteSource {
    if (file === STANDARD_INPUT) return chunkSource(standardInput());
    const { compression } = end === null ? this.#lookAt(file) : { compression: "none" as const };
    if (compression === "none") return fileSource(this.#disk, file, position);
    return chunkSource(unpacked(this.#disk, file, compression));
  }
}
