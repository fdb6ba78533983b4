/**
 * What a transport of one's own is built from: sessions turn messages, requests and streams into
 * frames and back, a `Link` carries them. `SessionTransport` is all of a transport but how a peer is
 * reached; the network in memory, TCP, and `@quorate/simulation`'s faulty network are made of it.
 *
 * @example
 * ```ts
 * import { FRAME, type Link } from "@quorate/transport/session";
 *
 * const counted: Record<number, number> = {};
 * const link: Link = {
 *   queuedBytes: 0,
 *   push: (kind) => void (counted[kind] = (counted[kind] ?? 0) + 1),
 * };
 * link.push(FRAME.MESSAGE, 1, 0, new Uint8Array());
 * console.log(counted); // { '2': 1 }
 * ```
 *
 * @packageDocumentation
 */
export { FRAME, type FrameKind, type Link, NO_BYTES } from "./frame.ts";
export { checkedLimits } from "./limit-options.ts";
export type { Route } from "./route.ts";
export { Session } from "./session.ts";
export type { RemoteLimits, SessionContext, SessionLimits } from "./session-context.ts";
export { SessionTransport } from "./session-transport.ts";
