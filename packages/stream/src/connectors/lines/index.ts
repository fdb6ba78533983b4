/**
 * Lines of standard input, or of any stream of bytes, as source; of standard output as sink.
 *
 * @packageDocumentation
 */
import type { Writable } from "node:stream";
import type { Sink, Source } from "../../connector.ts";
import { decodeAll, type OnInvalid } from "../decoding.ts";
import { type FileFormat, textLines } from "../files/format.ts";
import { RecordSplitter } from "../files/record-splitter.ts";
import { chunksSink } from "../streams/sinks.ts";
import { type Decoder, streamSource, type StreamSourceOptions } from "../streams/stream-source.ts";

export {
  csvRows,
  type CsvOptions,
  type FileFormat,
  jsonLines,
  textLines,
} from "../files/format.ts";

export interface LinesSourceOptions<T> extends StreamSourceOptions {
  readonly format: FileFormat<T>;
  /** Bytes of a line, beyond which it is an `invalid-record`: it is never held. @default 1 MiB */
  readonly maxRecordBytes?: number;
  /** @default the source fails with `invalid-record`, which says where */
  readonly onInvalid?: OnInvalid<string>;
}

/** Lines of `process.stdin`, a socket or a pipe. It cannot be replayed (see `afterLoss`). */
export function linesSource(bytes: AsyncIterable<Uint8Array | string>): Source<string>;
export function linesSource<T>(
  bytes: AsyncIterable<Uint8Array | string>,
  options: LinesSourceOptions<T>,
): Source<T>;
export function linesSource(
  bytes: AsyncIterable<Uint8Array | string>,
  options: LinesSourceOptions<unknown> = { format: textLines() },
): Source<unknown> {
  return streamSource(bytes, lineDecoder(options), options);
}

/**
 * A line for each value, to `process.stdout` or another stream. At least once. When nobody reads it
 * any more (`| head`), the job fails with `unavailable`, whose cause is the `EPIPE`.
 */
export function linesSink<T>(writable: Writable, encode: (value: T) => string = String): Sink<T> {
  return chunksSink<T>(writable, (values) => [
    values.map((value) => `${encode(value)}\n`).join(""),
  ]);
}

function lineDecoder<T>({
  format,
  maxRecordBytes = 2 ** 20,
  onInvalid,
}: LinesSourceOptions<T>): Decoder<Uint8Array | string, T> {
  const { isQuoted } = format;
  const splitter = new RecordSplitter("the stream", 0, { isQuoted, maxRecordBytes });
  let header: string | undefined = format.hasHeader ? undefined : "";
  const decode = (lines: readonly string[]): readonly T[] => {
    const isHeader = header === undefined && lines.length > 0;
    if (isHeader) header = lines[0];
    const place = (line: string): string =>
      `the stream, before byte ${splitter.position}: ${line.slice(0, 80)}`;
    const rows = isHeader ? lines.slice(1) : lines;
    const decoded = decodeAll(rows, (line) => format.decode(line, header ?? ""), place, onInvalid);
    return decoded.filter((record) => record !== undefined) as T[];
  };
  return {
    push: (chunk) => decode(splitter.push(Buffer.from(chunk as Uint8Array))),
    end: () => {
      const last = splitter.end();
      return last === undefined ? [] : decode([last]);
    },
  };
}
