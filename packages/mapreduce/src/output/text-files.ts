import type { Output, RecordWriter } from "./output.ts";
import { PartFile, type PartFileOptions } from "./part-file.ts";

const NEWLINE = 0x0a;

/** How records of one kind become lines of a part's file. */
export interface LineFormat<R> {
  /** Of the files' names: `.csv`. */
  readonly extension: string;
  /** The first line of each file that has records, if any. */
  readonly header?: string;
  /** Writes a record without the newline after it. */
  write(record: R, file: PartFile): void;
}

/**
 * Each record as a line, ended with LF: text, or bytes as they are, which is the fast way. A newline
 * within a record is not looked for; it makes two lines of it.
 */
export function textFiles(options: PartFileOptions = {}): Output<string | Uint8Array> {
  return lineOutput<string | Uint8Array>(options, {
    extension: "",
    write: (record, file) => {
      if (typeof record === "string") file.writeText(record);
      else file.write(record);
    },
  });
}

/** Each record as a line of JSON. */
export function jsonLinesFiles<R>(options: PartFileOptions = {}): Output<R> {
  return lineOutput<R>(options, {
    extension: ".jsonl",
    write: (record, file) => file.writeText(JSON.stringify(record) ?? "null"),
  });
}

export function lineOutput<R>(options: PartFileOptions, format: LineFormat<R>): Output<R> {
  return {
    open: (target): RecordWriter<R> => {
      const file = new PartFile(target, format.extension, options);
      if (format.header !== undefined) file.writeText(`${format.header}\n`);
      return {
        write: (record) => {
          format.write(record, file);
          file.writeByte(NEWLINE);
        },
        get bytes() {
          return file.bytes;
        },
        close: () => file.close(),
        abandon: () => file.abandon(),
      };
    },
  };
}
