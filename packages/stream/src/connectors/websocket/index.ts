/**
 * WebSockets, as source and as sink, over `ws`.
 *
 * @packageDocumentation
 */
export type { BroadcastCounts } from "../broadcast/broadcaster.ts";
export type {
  BroadcastDependencies,
  BroadcastOptions,
  BroadcastSink,
} from "../broadcast/broadcast-sink.ts";
export { webSocketSink, type WebSocketSink, type WebSocketSinkOptions } from "./websocket-sink.ts";
export {
  type WebSocketMessage,
  webSocketSource,
  type WebSocketSourceOptions,
} from "./websocket-source.ts";
