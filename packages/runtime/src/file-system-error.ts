/**
 * Why a file operation failed. A closed list:
 *
 * - `not-found`: no such file or directory.
 * - `already-exists`: a file to be created is there already.
 * - `no-space`: the disk, a quota or a size limit is full. Part may have been written.
 * - `not-permitted`: the process lacks the right, or the file system is read-only.
 * - `too-many-open`: the process or the system has no file handle left.
 * - `closed`: the file was closed before.
 * - `io-error`: anything else; `cause` has the system's error. The file's state is unknown.
 */
export type FileSystemErrorCode =
  | "not-found"
  | "already-exists"
  | "no-space"
  | "not-permitted"
  | "too-many-open"
  | "closed"
  | "io-error";

/** The only error that a `FileSystem` rejects with. */
export class FileSystemError extends Error {
  override readonly name = "FileSystemError";
  readonly code: FileSystemErrorCode;
  /** The file or directory that was asked for. */
  readonly path: string;

  constructor(code: FileSystemErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}
