/**
 * The few operations on files that tasks need: spills, runs to merge, parts of the output. They are
 * synchronous, since `emit` is: a full table is written out before the next pair is taken, which
 * bounds memory whatever a job's code does. Tasks run on threads of their own for that.
 *
 * Every failure is a `FileSystemError` of `@quorate/runtime`. Durable is what that package's
 * `FileSystem` says: bytes after `sync`, names after `syncFolder`.
 */
export interface Disk {
  /** Makes a file to be written from its beginning; `already-exists` when there is one. */
  create(path: string): DiskWriter;
  /** Opens a file for reading; `not-found` when there is none. */
  open(path: string): DiskReader;
  /** Gives a file or folder another name in one step; a file that had that name is replaced. */
  rename(from: string, to: string): void;
  /** Removes a file, or a folder with all in it. Nothing there is no error. */
  remove(path: string): void;
  /** Makes a folder and those above it; one that exists is left as it is. */
  makeFolder(path: string): void;
  /** The names of what a folder holds, without the path, sorted; `not-found` when there is none. */
  list(folder: string): string[];
  exists(path: string): boolean;
  /** False also when there is nothing. */
  isFolder(path: string): boolean;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): void;
}

export interface DiskWriter {
  /** Writes all of it at the end; the bytes may change afterwards. */
  append(bytes: Uint8Array): void;
  /** Makes durable what was written. A failure is final. */
  sync(): void;
  close(): void;
}

export interface DiskReader {
  /** Bytes. */
  readonly size: number;
  /** Fills `into` from `position` on; returns the bytes read, fewer only at the file's end. */
  read(into: Uint8Array, position: number): number;
  close(): void;
}
