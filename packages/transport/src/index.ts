/**
 * Talk between named nodes: messages, requests, byte streams. The interface, and a network in
 * memory; `@quorate/transport/tcp` has the one for real networks, `@quorate/transport/compliance`
 * the suite that every implementation passes.
 *
 * @example
 * ```ts
 * import { createMemoryNetwork } from "@quorate/transport";
 *
 * const network = createMemoryNetwork();
 * const [alice, bob] = [network.transport("alice"), network.transport("bob")];
 * bob.onRequest("greet", (from) => new TextEncoder().encode(`hello, ${from}`));
 * await Promise.all([alice.start(), bob.start()]);
 * console.log(new TextDecoder().decode(await alice.request("bob", "greet", new Uint8Array())));
 * await Promise.all([alice.stop(), bob.stop()]);
 * ```
 *
 * @packageDocumentation
 */
export type {
  MessageListener,
  NodeId,
  RequestHandler,
  RequestOptions,
  StreamHandler,
  Transport,
  Unsubscribe,
} from "./transport.ts";
export type { TransportStream } from "./transport-stream.ts";
export type { PeerEvent, PeerListener } from "./peer-event.ts";
export { TransportError, type TransportErrorCode } from "./transport-error.ts";
export {
  createMemoryNetwork,
  type MemoryNetwork,
  type MemoryNetworkDependencies,
} from "./memory/memory-network.ts";
export type { LimitOptions } from "./session/limit-options.ts";
export type { MemoryNetworkOptions } from "./memory/options.ts";
