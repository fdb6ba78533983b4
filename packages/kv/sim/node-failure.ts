import { RaftError } from "@quorate/raft";
import { FileSystemError } from "@quorate/runtime";

/** Whether a file operation failed, however it was wrapped. */
export function isOfTheDisk(error: unknown): boolean {
  if (error instanceof FileSystemError) {
    return error.code === "io-error" || error.code === "no-space";
  }
  return error instanceof Error && isOfTheDisk(error.cause);
}

/** Whether a node refuses to start on files that hold what was not written there. */
export function isDamage(error: unknown): boolean {
  return error instanceof RaftError && error.code === "damaged";
}
