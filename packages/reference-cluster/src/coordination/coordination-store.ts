import { createKvClient, type KvClient } from "@quorate/kv";
import type { Transport } from "@quorate/transport";

/**
 * The name of the store in which the cluster's processes find each other: a group of its own beside the
 * shards, so that no load of orders holds up a sign of life.
 */
export const COORDINATION = "coordination";

/** The caller starts the transport, and stops it after the client. */
export function connectCoordination(nodes: readonly string[], transport: Transport): KvClient {
  return createKvClient({ nodes, store: COORDINATION }, { transport });
}

/** As which order services register. */
export const ORDER_SERVICE = "orders";
