import Papa from "papaparse";
import type { CsvFormat } from "./input.ts";

/**
 * Fields as RFC 4180 has them: a field in quotes may hold the delimiter, and quotes written twice.
 * Lines without a quote, which most are, are only split.
 */
export function csvFormat(delimiter: string, columns: readonly string[] | undefined): CsvFormat {
  const parser = new Papa.Parser({ delimiter, newline: "\n" });
  return {
    columns,
    fields: (record) => {
      if (!record.includes('"')) return record.split(delimiter);
      // A newline within quotes is the field's; others are not in a record.
      const { data, errors } = parser.parse(record, 0, false) as Papa.ParseResult<string[]>;
      if (errors[0]) throw new Error(errors[0].message);
      return data[0] ?? [];
    },
  };
}
