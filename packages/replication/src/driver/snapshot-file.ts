import { crc32 } from "node:zlib";
import type { File } from "@quorate/runtime";
import { ReplicationError } from "../replication-error.ts";

const MAGIC = new TextEncoder().encode("QRSNAP01");
/** The body's length (64-bit float) and CRC-32, little end first, after the body. */
const FOOTER_BYTES = 12;
const READ_BYTES = 256 * 1024;

/** The footer of a snapshot: how long its body is, and the checksum of it. */
export interface SnapshotSummary {
  readonly bodyBytes: number;
  readonly checksum: number;
}

/** A snapshot on disk: a magic number, the state machine's bytes, a footer. */
export class SnapshotFile {
  readonly #path: string;
  readonly #file: File;
  readonly summary: SnapshotSummary;

  private constructor(path: string, file: File, summary: SnapshotSummary) {
    this.#path = path;
    this.#file = file;
    this.summary = summary;
  }

  /** Writes all chunks, and makes them durable. */
  static async write(file: File, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await file.write(MAGIC, 0);
    let at = MAGIC.length;
    let checksum = 0;
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue;
      await file.write(chunk, at);
      at += chunk.length;
      checksum = crc32(chunk, checksum);
    }
    const footer = new DataView(new ArrayBuffer(FOOTER_BYTES));
    footer.setFloat64(0, at - MAGIC.length, true);
    footer.setUint32(8, checksum, true);
    await file.write(new Uint8Array(footer.buffer), at);
    await file.sync();
  }

  static async open(path: string, file: File): Promise<SnapshotFile> {
    const magic = new Uint8Array(MAGIC.length);
    await file.read(magic, 0);
    const footer = new Uint8Array(FOOTER_BYTES);
    const bodyBytes = (await file.size()) - MAGIC.length - FOOTER_BYTES;
    await file.read(footer, Math.max(0, MAGIC.length + bodyBytes));
    const view = new DataView(footer.buffer);
    const isWhole =
      view.getFloat64(0, true) === bodyBytes && magic.every((b, at) => b === MAGIC[at]);
    if (!isWhole) {
      await file.close();
      throw new ReplicationError("damaged", `${path} is not a whole snapshot: its ends do not fit`);
    }
    return new SnapshotFile(path, file, { bodyBytes, checksum: view.getUint32(8, true) });
  }

  /**
   * The body, in order. Throws `damaged` at its end when the checksum does not fit, so nothing may be
   * made of it before.
   */
  async *read(): AsyncIterable<Uint8Array> {
    const { bodyBytes, checksum } = this.summary;
    yield* verified(this.#chunks(bodyBytes), checksum, this.#path);
  }

  /**
   * Gives the body to `restore`, and closes the file. It is read once before, so that a state machine
   * is given nothing that was not written: what it would make of damaged bytes, nobody knows.
   *
   * @throws {ReplicationError} `damaged`.
   */
  async giveTo(restore: (chunks: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void> {
    try {
      for await (const _ of this.read());
      await restore(this.read());
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async *#chunks(bodyBytes: number): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bodyBytes;) {
      const chunk = new Uint8Array(Math.min(READ_BYTES, bodyBytes - at));
      const count = await this.#file.read(chunk, MAGIC.length + at);
      if (count === 0) return;
      yield chunk.subarray(0, count);
      at += count;
    }
  }
}

/** Passes chunks on, and throws `damaged` after the last when they do not have this checksum. */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  checksum: number,
  source: string,
): AsyncIterable<Uint8Array> {
  let found = 0;
  for await (const chunk of chunks) {
    found = crc32(chunk, found);
    yield chunk;
  }
  if (found === checksum) return;
  throw new ReplicationError("damaged", `the snapshot from ${source} does not have its checksum`);
}
