import type { TransportStream } from "../transport-stream.ts";
import type { RequestOptions } from "../transport.ts";

/**
 * A way to one node. Errors, order and loss are those that `Transport` documents; what `Transport`
 * gives as a rejection may also be thrown at once.
 */
export interface Route {
  send(protocol: string, message: Uint8Array): boolean;
  request(protocol: string, message: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
  openStream(protocol: string, signal: AbortSignal | undefined): Promise<TransportStream>;
}
