import type { Writable } from "node:stream";
import type { Sink, SinkWriter } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";

/**
 * Writes to a Node stream, and waits when it is full. At least once: what was written after the last
 * checkpoint is written again by a restart. The stream is not ended. What it fails with (`EPIPE`: nobody
 * reads any more) is the cause of an `unavailable`.
 */
export function writableSink<T>(writable: Writable, encode: (value: T) => unknown): Sink<T> {
  return chunksSink(writable, (records) => records.map((record) => encode(record)));
}

/** Writes what becomes of each batch of records, at least one chunk. */
export function chunksSink<T>(
  writable: Writable,
  encode: (records: readonly T[]) => readonly unknown[],
): Sink<T> {
  const failure: { error?: Error } = {};
  // Kept: without a listener, a pipe that is closed ends the process.
  writable.on("error", (error) => (failure.error = error));
  const write = (chunk: unknown, isLast: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure.error) return reject(broken(failure.error));
      const hasRoom = writable.write(chunk, (error) => (error ? reject(broken(error)) : resolve()));
      if (hasRoom && !isLast) resolve();
    });
  return atLeastOnce(async (records) => {
    const chunks = encode(records);
    for (const [at, chunk] of chunks.entries()) await write(chunk, at === chunks.length - 1);
  });
}

/** The same for a web stream. */
export function webSink<T>(stream: WritableStream<T>): Sink<T> {
  return atLeastOnce(async (records) => {
    const writer = stream.getWriter();
    try {
      let written = Promise.resolve();
      for (const record of records) {
        await writer.ready;
        written = writer.write(record);
        written.catch(() => {}); // The next `ready`, or the last of them, tells.
      }
      await written;
    } catch (error) {
      throw broken(error);
    } finally {
      writer.releaseLock();
    }
  });
}

function atLeastOnce<T>(write: (records: readonly T[]) => Promise<void>): Sink<T> {
  const writer: SinkWriter<T> = { write, prepare: () => undefined, commit: () => {} };
  return { recover: () => {}, open: () => writer };
}

function broken(error: unknown): StreamError {
  const { message } = error as Error;
  return new StreamError("unavailable", `the stream cannot be written to: ${message}`, {
    cause: error,
  });
}
