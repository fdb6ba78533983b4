import { checkDelimiter } from "../input/csv-delimiter.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { Output } from "./output.ts";
import type { PartFileOptions } from "./part-file.ts";
import { lineOutput } from "./text-files.ts";

/** What a field may be: `null` and `undefined` are empty. */
export type CsvValue = string | number | bigint | boolean | null | undefined;

export interface CsvOutputOptions extends PartFileOptions {
  /** The columns, in their order. */
  readonly columns: readonly string[];
  /**
   * Whether each file begins with the names of the columns.
   *
   * @default true
   */
  readonly header?: boolean;
  /**
   * One character, not a quote or a newline.
   *
   * @default ","
   */
  readonly delimiter?: string;
}

/**
 * Records as lines of CSV (RFC 4180, ended with LF): of an object the fields named as the columns
 * are, of an array its elements in their order.
 */
export function csvOutput<R extends object>(options: CsvOutputOptions): Output<R> {
  const { columns, header = true, delimiter = "," } = options;
  if (columns.length === 0) throw new MapReduceError("invalid-job", "columns must name some");
  checkDelimiter(delimiter);
  const line = (values: readonly CsvValue[]): string =>
    values.length === 1 && (values[0] ?? "") === ""
      ? '""' // else it would be an empty line, which readers leave out
      : values.map((value) => field(value, delimiter)).join(delimiter);
  return lineOutput<R>(options, {
    extension: ".csv",
    ...(header && { header: line(columns) }),
    write: (record, file) => {
      const values = Array.isArray(record)
        ? (record as CsvValue[])
        : columns.map((column) => (record as Readonly<Record<string, CsvValue>>)[column]);
      if (values.length !== columns.length) {
        throw new MapReduceError(
          "output-failed",
          `a record has ${values.length} fields for ${columns.length} columns`,
        );
      }
      file.writeText(line(values));
    },
  });
}

function field(value: CsvValue, delimiter: string): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  if (!/["\r\n]/.test(text) && !text.includes(delimiter)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}
