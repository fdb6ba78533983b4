import { type File, type FileSystem, FileSystemError } from "@quorate/runtime";
import { StreamError } from "../../stream-error.ts";

/** Where a file is read on. */
export interface FilePosition {
  /** Bytes from the start. */
  readonly at: number;
  /**
   * The first bytes of the file in hexadecimal, at most those before `at`: another file of the same
   * name (log rotation) begins with others.
   */
  readonly head: string;
  /** All of the file was read when this was written. */
  readonly isEnd: boolean;
}

export const START: FilePosition = { at: 0, head: "", isEnd: false };

const HEAD_BYTES = 64;

/** Reads one file on from a position, as far as it has grown. */
export class FileTail {
  readonly #path: string;
  readonly #file: File;
  #at: number;
  #head: Buffer;

  private constructor(path: string, file: File, at: number, head: Buffer) {
    this.#path = path;
    this.#file = file;
    this.#at = at;
    this.#head = head;
  }

  /**
   * Undefined: the file is gone, and had been read to its end.
   *
   * @throws {StreamError} `position-lost`: it is gone, shorter than the position, or another file
   */
  static async open(
    fileSystem: FileSystem,
    path: string,
    { at, head, isEnd }: FilePosition,
  ): Promise<FileTail | undefined> {
    const file = await openOrNone(fileSystem, path);
    if (!file) {
      if (isEnd) return undefined;
      throw lost(path, at, "it is gone");
    }
    try {
      const expected = Buffer.from(head, "hex");
      const found = await headOf(file, expected.length);
      if ((await file.size()) < at) throw lost(path, at, "it is shorter: it was truncated");
      if (!found.equals(expected)) throw lost(path, at, "it is another file: it was rotated");
      return new FileTail(path, file, at, expected);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The first record of the file, without its end of line; as long as it has none, undefined. */
  async firstLine(maxBytes: number): Promise<string | undefined> {
    const head = await headOf(this.#file, maxBytes);
    const end = head.indexOf("\n");
    return end < 0 ? undefined : head.toString("utf8", 0, end).replace(/\r$/, "");
  }

  /**
   * The next bytes, at most `maxBytes`; none at the end, as it is now.
   *
   * @throws {StreamError} `position-lost`: the file was truncated
   */
  async read(maxBytes: number): Promise<Buffer> {
    const into = Buffer.allocUnsafe(maxBytes);
    const length = await this.#file.read(into, this.#at);
    if (length === 0 && (await this.#file.size()) < this.#at) {
      throw lost(this.#path, this.#at, "it is shorter: it was truncated");
    }
    this.#at += length;
    return into.subarray(0, length);
  }

  /** `at` bytes of the file are done with. */
  async position(at: number, isEnd: boolean): Promise<FilePosition> {
    const wanted = Math.min(at, HEAD_BYTES);
    if (this.#head.length < wanted) this.#head = await headOf(this.#file, wanted);
    return { at, head: this.#head.toString("hex"), isEnd };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function openOrNone(fileSystem: FileSystem, path: string): Promise<File | undefined> {
  try {
    return await fileSystem.open(path);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const isFolder = (error.cause as NodeJS.ErrnoException | undefined)?.code === "EISDIR";
    if (error.code === "not-found" || isFolder) return undefined;
    throw error;
  }
}

async function headOf(file: File, length: number): Promise<Buffer> {
  const into = Buffer.alloc(length);
  return into.subarray(0, await file.read(into, 0));
}

function lost(path: string, at: number, how: string): StreamError {
  return new StreamError("position-lost", `${path} cannot be read on at ${at}: ${how}`);
}
