/**
 * What Node has as streams, as sources and sinks: async iterables, Node and web streams.
 *
 * @packageDocumentation
 */
import type { Source } from "../../connector.ts";
import { streamSource, type StreamSourceOptions } from "./stream-source.ts";

export { webSink, writableSink } from "./sinks.ts";
export type { StreamSourceOptions } from "./stream-source.ts";

/**
 * What an iterable, a Node `Readable` or a web `ReadableStream` brings, as records. It is read once,
 * by one subtask, as fast as the job works; it cannot be replayed (see `afterLoss`).
 */
export function iterableSource<T>(
  iterable: AsyncIterable<T> | Iterable<T>,
  options?: StreamSourceOptions,
): Source<T> {
  return streamSource(iterable, { push: (record) => [record], end: () => [] }, options);
}
