/**
 * The files of a folder as source, and files that appear complete as sink.
 *
 * @packageDocumentation
 */
export type { OnInvalid } from "../decoding.ts";
export { filesSink, type FilesSinkDependencies, type FilesSinkOptions } from "./files-sink.ts";
export {
  filesSource,
  type FilesSourceDependencies,
  type FilesSourceOptions,
} from "./files-source.ts";
export type { FilePosition } from "./file-tail.ts";
export { csvRows, type CsvOptions, type FileFormat, jsonLines, textLines } from "./format.ts";
