/**
 * The few file operations that durable storage is built from. Paths are the implementation's own
 * (for the system: what `node:path` takes). Every failure is a `FileSystemError`.
 *
 * What survives a crash of the machine: bytes for which a later `sync` of their file resolved, and
 * names (of files created, renamed or removed) for which a later `syncDirectory` resolved. Anything
 * else may survive, vanish, or survive in part.
 */
export interface FileSystem {
  /** Opens a file for reading and writing. */
  open(path: string, options?: OpenOptions): Promise<File>;
  /** Gives a file another name, in one step; one that had that name is replaced. */
  rename(from: string, to: string): Promise<void>;
  /** The names of what a directory holds, without the path, sorted by UTF-16 code units. */
  list(directory: string): Promise<string[]>;
  /** Removes a file. `not-found` when there is none. */
  remove(path: string): Promise<void>;
  /** Makes a directory and those above it; one that exists is left as it is. */
  makeDirectory(path: string): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
}

export interface OpenOptions {
  /**
   * - `existing`: `not-found` when the file is missing.
   * - `new`: `already-exists` when it is not.
   *
   * @default "existing"
   */
  readonly create?: "existing" | "new";
}

/**
 * An open file. Reads and writes name their position; several may be under way at once, and then
 * those that overlap have no order.
 */
export interface File {
  /**
   * Fills `into` from `position` (bytes) on. Resolves to the bytes read: fewer than asked only at
   * the file's end.
   */
  read(into: Uint8Array, position: number): Promise<number>;
  /**
   * Writes all of `bytes` at `position`; the file grows as needed. When it rejects, any part may
   * have been written. `bytes` must not change until it settles.
   */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /**
   * The same as `write` and then `sync`, where the system can do both in one step. Covers the bytes
   * of this write, and not those of earlier ones.
   */
  writeDurably(bytes: Uint8Array, position: number): Promise<void>;
  /**
   * Makes durable what was written before this call, and the file's size (fdatasync).
   *
   * A failure is final: the system may have dropped the pages that it could not write and will
   * report success the next time, so the caller must not trust this file or try again ("Can
   * Applications Recover from fsync Failures?", Rebello et al., USENIX ATC 2020).
   */
  sync(): Promise<void>;
  /** Cuts the file to `size` bytes, or extends it with zeros. */
  truncate(size: number): Promise<void>;
  /** The file's size in bytes. */
  size(): Promise<number>;
  /** Closes the file; makes nothing durable. A second call has no effect. */
  close(): Promise<void>;
}
