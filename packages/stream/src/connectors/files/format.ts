import Papa from "papaparse";

/** How records are cut out of a file and decoded. */
export interface FileFormat<T> {
  /** Whether a line feed between quotes belongs to the record. */
  readonly isQuoted: boolean;
  /** Whether the first record of a file names the columns. */
  readonly hasHeader: boolean;
  /** `header`: the first record of the file, if it is one. Undefined: no record, as an empty line. */
  decode(record: string, header: string): T | undefined;
}

/** Lines of UTF-8, as they are. */
export function textLines(): FileFormat<string> {
  return { isQuoted: false, hasHeader: false, decode: (line) => line };
}

/** A JSON value a line; empty lines are left out. */
export function jsonLines<T>(): FileFormat<T> {
  return {
    isQuoted: false,
    hasHeader: false,
    decode: (line) => (line.trim() === "" ? undefined : (JSON.parse(line) as T)),
  };
}

export interface CsvOptions {
  /** One character. @default "," */
  readonly delimiter?: string;
}

/** Rows of CSV (RFC 4180) by the names in the first one; a field in quotes may hold line feeds. */
export function csvRows({ delimiter = "," }: CsvOptions = {}): FileFormat<Record<string, string>> {
  const fields = fieldsBy(delimiter);
  let header = "";
  let names: readonly string[] = [];
  return {
    isQuoted: true,
    hasHeader: true,
    decode: (record, of) => {
      if (record === "") return undefined;
      if (header !== of) {
        header = of;
        names = fields(of);
      }
      const values = fields(record);
      if (values.length !== names.length) {
        throw new Error(`${values.length} fields, where the header has ${names.length}`);
      }
      return Object.fromEntries(names.map((name, at) => [name, values[at] as string]));
    },
  };
}

function fieldsBy(delimiter: string): (record: string) => readonly string[] {
  const parser = new Papa.Parser({ delimiter, newline: "\n" });
  return (record) => {
    if (!record.includes('"')) return record.split(delimiter);
    const { data, errors } = parser.parse(record, 0, false) as Papa.ParseResult<string[]>;
    if (errors[0]) throw new Error(errors[0].message);
    return data[0] ?? [];
  };
}
