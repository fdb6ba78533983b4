/**
 * Server-sent events over HTTP, as source and as sink.
 *
 * @packageDocumentation
 */
export type { BroadcastCounts } from "../broadcast/broadcaster.ts";
export type {
  BroadcastDependencies,
  BroadcastOptions,
  BroadcastSink,
} from "../broadcast/broadcast-sink.ts";
export { sseSink, type SseSink, type SseSinkOptions } from "./sse-sink.ts";
export { type SseEvent, sseSource, type SseSourceOptions } from "./sse-source.ts";
