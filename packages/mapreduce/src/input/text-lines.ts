import {
  FileInput,
  type FileFormat,
  type FileInputDependencies,
  type FileOptions,
} from "./file-input.ts";
import type { Input } from "./input.ts";
import { firstByteRead, readLines } from "./line-reader.ts";

/**
 * Each line of files, folders, globs, or standard input (`-`). A line ends with LF or CR LF, which is
 * no part of the record; so does the last line, or with the file. Empty lines are records. A byte
 * order mark is left out.
 */
export function textLines(
  paths: string | readonly string[],
  options: FileOptions = {},
  dependencies: FileInputDependencies = {},
): Input {
  return new FileInput(paths, lines(false), options, dependencies);
}

/** Each line, but for empty ones, as a record to be read with `record.json()`. */
export function jsonLines(
  paths: string | readonly string[],
  options: FileOptions = {},
  dependencies: FileInputDependencies = {},
): Input {
  return new FileInput(paths, lines(true), options, dependencies);
}

function lines(skipsEmpty: boolean): FileFormat {
  return {
    canSplit: true,
    alignment: 1,
    isText: true,
    firstByteRead,
    read: (source, split, options) => readLines(source, split, { ...options, skipsEmpty }),
  };
}
