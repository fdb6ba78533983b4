import { MapReduceError } from "../mapreduce-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { checkDelimiter } from "./csv-delimiter.ts";
import { csvFormat } from "./csv-format.ts";
import { FileInput, type FileInputDependencies, type FileOptions } from "./file-input.ts";
import type { CsvFormat, Input, ReadOptions, RecordBatch, Split } from "./input.ts";
import { firstByteRead, type LineOptions, readLines } from "./line-reader.ts";

/** Header lines are short; a whole chunk need not be read for each split. */
const HEADER_CHUNK_BYTES = 64 * 1_024;

export interface CsvOptions extends FileOptions {
  /**
   * Whether the first line of each file names the columns; then it is no record, and
   * `record.field("name")` works.
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
  /**
   * Whether fields in quotes may hold newlines. Then where records begin can be told only from a
   * file's beginning: each file is one split, read by one task.
   *
   * @default false
   */
  readonly multiline?: boolean;
}

/**
 * The records of CSV files (RFC 4180), to be read with `record.csv()` or `record.field(column)`.
 * Empty lines are left out.
 */
export function csvFiles(
  paths: string | readonly string[],
  options: CsvOptions = {},
  dependencies: FileInputDependencies = {},
): Input {
  const { header = true, delimiter = ",", multiline = false } = options;
  checkDelimiter(delimiter);
  const format = {
    canSplit: !multiline,
    alignment: 1,
    isText: true,
    firstByteRead,
    read: (source: ByteSource, split: Split, read: ReadOptions, head: () => ByteSource) => {
      const lines = { ...read, skipsEmpty: true, isQuoted: multiline };
      return header
        ? readBelowHeader(source, split, lines, delimiter, head)
        : withFormat(readLines(source, split, lines), csvFormat(delimiter, undefined));
    },
  };
  return new FileInput(paths, format, options, dependencies);
}

async function* withFormat(
  batches: AsyncIterable<RecordBatch>,
  csv: CsvFormat,
): AsyncIterable<RecordBatch> {
  for await (const batch of batches) yield { ...batch, csv };
}

/** The first record of a file, and where it begins. */
interface Header {
  readonly csv: CsvFormat;
  readonly offset: number;
}

/** Where the split does not begin its file, the header is read from the file once more. */
async function* readBelowHeader(
  source: ByteSource,
  split: Split,
  options: LineOptions,
  delimiter: string,
  head: () => ByteSource,
): AsyncIterable<RecordBatch> {
  let header =
    split.start === 0 ? undefined : await readHeader(head(), split.file, options, delimiter);
  const lines = {
    ...options,
    ...(options.onTooLarge && {
      onTooLarge: (offset: number, bytes: number) => {
        if (!header) throw headerTooLarge(split.file, offset, bytes);
        options.onTooLarge?.(offset, bytes);
      },
    }),
  };
  for await (const batch of readLines(source, split, lines)) {
    header ??= headerIn(batch, split.file, delimiter);
    const { csv } = header;
    const isFirst = batch.offset + (batch.starts[0] ?? 0) === header.offset;
    if (!isFirst) yield { ...batch, csv };
    else if (batch.count > 1) yield { ...withoutFirst(batch), csv };
  }
}

async function readHeader(
  source: ByteSource,
  file: string,
  { maxRecordBytes, skipsEmpty = false, isQuoted = false }: LineOptions,
  delimiter: string,
): Promise<Header> {
  const options = { maxRecordBytes, skipsEmpty, isQuoted, chunkBytes: HEADER_CHUNK_BYTES };
  for await (const batch of readLines(source, { file, start: 0, end: null }, options)) {
    return headerIn(batch, file, delimiter);
  }
  return { csv: csvFormat(delimiter, []), offset: -1 };
}

function headerIn(
  { bytes, starts, ends, offset }: RecordBatch,
  file: string,
  delimiter: string,
): Header {
  const [start = 0] = starts;
  const text = Buffer.from(
    bytes.buffer,
    bytes.byteOffset + start,
    (ends[0] ?? 0) - start,
  ).toString();
  try {
    const columns = csvFormat(delimiter, undefined).fields(text);
    return { csv: csvFormat(delimiter, columns), offset: offset + start };
  } catch (error) {
    throw new MapReduceError("invalid-input", `the header line is broken: ${String(error)}`, {
      cause: error,
      place: { file, offset: offset + start },
    });
  }
}

function withoutFirst(batch: RecordBatch): RecordBatch {
  const { starts, ends, count } = batch;
  return { ...batch, starts: starts.subarray(1), ends: ends.subarray(1), count: count - 1 };
}

function headerTooLarge(file: string, offset: number, bytes: number): MapReduceError {
  return new MapReduceError(
    "record-too-large",
    `the header line has ${bytes} bytes, which is more than maxRecordBytes`,
    { place: { file, offset } },
  );
}
