import { FileSystemError, type FileSystemErrorCode } from "./file-system-error.ts";

const CODES: Readonly<Record<string, FileSystemErrorCode>> = {
  ENOENT: "not-found",
  EEXIST: "already-exists",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EFBIG: "no-space",
  EACCES: "not-permitted",
  EPERM: "not-permitted",
  EROFS: "not-permitted",
  EMFILE: "too-many-open",
  ENFILE: "too-many-open",
  EBADF: "closed",
};

/** Runs `operation`; turns the error that Node gives it into a `FileSystemError`. */
export async function inSystemTerms<T>(
  name: string,
  path: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw fileSystemError(name, path, error);
  }
}

/**
 * What an error of `node:fs` is as a `FileSystemError`, for code that calls that module
 * itself; `name` says in words what was tried.
 */
export function fileSystemError(name: string, path: string, error: unknown): FileSystemError {
  const { code = "", message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  return new FileSystemError(
    CODES[code] ?? "io-error",
    path,
    `cannot ${name} ${path}: ${message}`,
    { cause: error },
  );
}
