/**
 * A transport over TCP, optionally with TLS: one multiplexed connection a pair of nodes.
 *
 * @example
 * ```ts
 * import { createTcpTransport } from "@quorate/transport/tcp";
 *
 * const listen = { port: 0 };
 * const alice = createTcpTransport({ nodeId: "alice", clusterId: "demo", listen });
 * await alice.start();
 * const bob = createTcpTransport({
 *   nodeId: "bob",
 *   clusterId: "demo",
 *   peers: { alice: alice.address },
 * });
 * await bob.start();
 * alice.onRequest("greet", (from) => new TextEncoder().encode(`hello, ${from}`));
 * console.log(new TextDecoder().decode(await bob.request("alice", "greet", new Uint8Array())));
 * await Promise.all([alice.stop(), bob.stop()]);
 * ```
 *
 * @packageDocumentation
 */
export {
  createTcpTransport,
  type TcpTransport,
  type TcpTransportDependencies,
} from "./tcp-transport.ts";
export type { TcpAddress, TcpTransportOptions, TlsOptions } from "./options.ts";
export type { TcpPeerMetrics, TcpTransportMetrics } from "./metrics.ts";
export type { TransportDiagnostic } from "./diagnostics.ts";
