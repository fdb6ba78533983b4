import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { DiskWriter } from "../disk/disk.ts";
import { writing } from "./output-error.ts";
import { partName } from "./output-names.ts";
import type { PartTarget } from "./output.ts";

export interface PartFileOptions {
  /**
   * Packs the files, which get `.gz` to their names.
   *
   * @default false
   */
  readonly gzip?: boolean;
}

const BUFFER_BYTES = 256 * 1_024;
/** Packed in pieces of this size, each a gzip member of its own, as the format allows. */
const MEMBER_BYTES = 1_024 * 1_024;
/** Up to here a loop writes a string faster than a call into the engine does. */
const SHORT_TEXT = 48;

/**
 * One part's file, written in few large pieces. What the disk throws comes out as `no-space` or
 * `output-failed`. Nothing is done with it after `close` or `abandon`.
 */
export class PartFile {
  readonly #path: string;
  readonly #gzip: boolean;
  readonly #file: DiskWriter;
  readonly #buffer: Buffer;
  #filled = 0;
  #written = 0;

  constructor(
    { disk, folder, part, piece }: PartTarget,
    extension: string,
    { gzip = false }: PartFileOptions,
  ) {
    this.#path = join(folder, `${partName(part, piece)}${extension}${gzip ? ".gz" : ""}`);
    this.#gzip = gzip;
    this.#file = this.#try(() => disk.create(this.#path));
    this.#buffer = Buffer.allocUnsafe(gzip ? MEMBER_BYTES : BUFFER_BYTES);
  }

  /** Bytes written so far, before they are packed. */
  get bytes(): number {
    return this.#written + this.#filled;
  }

  /** Copies them. */
  write(bytes: Uint8Array): void {
    if (bytes.length > this.#buffer.length - this.#filled) {
      this.#flush();
      if (bytes.length >= this.#buffer.length) return this.#append(bytes);
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Writes it as UTF-8. */
  writeText(text: string): void {
    // No UTF-16 code unit takes more than three bytes.
    if (3 * text.length > this.#buffer.length - this.#filled) {
      this.#flush();
      if (3 * text.length > this.#buffer.length) return this.write(Buffer.from(text));
    }
    if (text.length > SHORT_TEXT || !this.#writeAscii(text)) {
      this.#filled += this.#buffer.write(text, this.#filled);
    }
  }

  writeByte(byte: number): void {
    if (this.#filled === this.#buffer.length) this.#flush();
    this.#buffer[this.#filled] = byte;
    this.#filled += 1;
  }

  /** Writes what is left, makes it durable and closes. */
  close(): void {
    this.#flush();
    this.#try(() => {
      this.#file.sync();
      this.#file.close();
    });
  }

  abandon(): void {
    this.#try(() => this.#file.close());
  }

  /** False when there is more than ASCII in it; then nothing counts as written. */
  #writeAscii(text: string): boolean {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      this.#buffer[this.#filled + index] = unit;
    }
    this.#filled += text.length;
    return true;
  }

  #flush(): void {
    if (this.#filled === 0) return;
    const filled = this.#filled;
    this.#filled = 0;
    this.#append(this.#buffer.subarray(0, filled));
  }

  #append(bytes: Uint8Array): void {
    this.#written += bytes.length;
    this.#try(() => this.#file.append(this.#gzip ? gzipSync(bytes) : bytes));
  }

  #try<T>(operation: () => T): T {
    return writing(`cannot write ${this.#path}`, operation);
  }
}
