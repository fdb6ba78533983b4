import { FileSystemError } from "@quorate/runtime";

/** Whether an error is one that a faulty or full disk gives, or was caused by one, however deep. */
export function isOfTheDisk(error: unknown): boolean {
  if (error instanceof FileSystemError) {
    return error.code === "io-error" || error.code === "no-space";
  }
  return error instanceof Error && isOfTheDisk(error.cause);
}
