import type { Clock, File, FileSystem } from "@quorate/runtime";
import type { SinkWriter } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import type { FilesSinkOptions } from "./files-sink.ts";
import type { RolledFiles, WrittenFile } from "./rolled-files.ts";

type Limits<T> = FilesSinkOptions<T> &
  Required<Pick<FilesSinkOptions<T>, "rollBytes" | "rollAfterMs" | "maxOpenFiles">>;

/** What sets the names of files apart. */
interface WriterPlace {
  readonly id: string;
  readonly subtask: number;
  readonly run: string;
}

interface OpenFile {
  readonly name: string;
  readonly hidden: string;
  readonly file: File;
  readonly openedAtMs: number;
  bytes: number;
}

/** Writes the hidden files of one subtask: of each bucket one at a time, and new ones at checkpoints. */
export class RollingWriter<T> implements SinkWriter<T> {
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #files: RolledFiles;
  readonly #options: Limits<T>;
  readonly #place: WriterPlace;
  /** By bucket, that which was written to the longest ago first. */
  readonly #open = new Map<string, OpenFile>();
  #written: WrittenFile[] = [];
  #number = 0;

  constructor(
    world: { readonly fileSystem: FileSystem; readonly clock: Clock },
    files: RolledFiles,
    options: Limits<T>,
    place: WriterPlace,
  ) {
    this.#fileSystem = world.fileSystem;
    this.#clock = world.clock;
    this.#files = files;
    this.#options = options;
    this.#place = place;
  }

  async write(records: readonly T[]): Promise<void> {
    const { encode, bucketOf = () => "part" } = this.#options;
    const byBucket = new Map<string, (string | Uint8Array)[]>();
    for (const record of records) {
      const bucket = bucketOf(record);
      const encoded = byBucket.get(bucket);
      if (encoded) encoded.push(encode(record));
      else byBucket.set(bucket, [encode(record)]);
    }
    for (const [bucket, encoded] of byBucket) await this.#append(bucket, bytesOf(encoded));
  }

  /** All is on the disk under hidden names when it resolves. */
  async prepare(): Promise<readonly WrittenFile[] | undefined> {
    for (const bucket of [...this.#open.keys()]) await this.#roll(bucket);
    const written = this.#written;
    this.#written = [];
    if (written.length === 0) return undefined;
    await this.#fileSystem.syncDirectory(this.#options.folder);
    return written;
  }

  async commit(transaction: unknown): Promise<void> {
    await this.#files.show(transaction as readonly WrittenFile[]);
  }

  /** What is hidden is left to `recover`: it may belong to a checkpoint. */
  async close(): Promise<void> {
    for (const { file } of this.#open.values()) await file.close();
    this.#open.clear();
  }

  async #append(bucket: string, bytes: Uint8Array): Promise<void> {
    const open = await this.#fileOf(bucket);
    await open.file.write(bytes, open.bytes);
    open.bytes += bytes.length;
    if (open.bytes >= this.#options.rollBytes) await this.#roll(bucket);
  }

  async #fileOf(bucket: string): Promise<OpenFile> {
    const known = this.#open.get(bucket);
    const nowMs = this.#clock.now();
    if (known && nowMs - known.openedAtMs >= this.#options.rollAfterMs) await this.#roll(bucket);
    else if (known) {
      this.#open.delete(bucket);
      this.#open.set(bucket, known);
      return known;
    }
    if (this.#open.size >= this.#options.maxOpenFiles) {
      await this.#roll([...this.#open.keys()][0] as string);
    }
    if (bucket.includes("/") || bucket.startsWith(".")) {
      throw new StreamError("invalid-option", `a bucket cannot be named ${bucket}`);
    }
    const { id, subtask, run } = this.#place;
    const name = `${bucket}-${run}-${subtask}-${this.#number++}${this.#options.suffix ?? ""}`;
    const hidden = this.#files.hidden(id, name);
    const file = await this.#fileSystem.open(this.#files.path(hidden), { create: "new" });
    const open = { name, hidden, file, openedAtMs: nowMs, bytes: 0 };
    this.#open.set(bucket, open);
    return open;
  }

  /** Makes the bucket's file durable and closes it. */
  async #roll(bucket: string): Promise<void> {
    const { file, name, hidden, bytes } = this.#open.get(bucket) as OpenFile;
    await file.sync();
    await file.close();
    this.#open.delete(bucket);
    this.#written.push({ name, hidden, bytes });
  }
}

/** One conversion for all, as a rule. */
function bytesOf(encoded: readonly (string | Uint8Array)[]): Uint8Array {
  if (encoded.every((one) => typeof one === "string"))
    return Buffer.from(`${encoded.join("\n")}\n`);
  return Buffer.concat(
    encoded.map((one) => (typeof one === "string" ? Buffer.from(`${one}\n`) : one)),
  );
}
