import { fromJSON } from "@quorate/consistent-hashing";
import { pause, systemClock } from "@quorate/runtime";
import { createRegistry } from "@quorate/registry";
import { createTcpTransport } from "@quorate/transport/tcp";
import type { AddressInfo } from "node:net";
import { connectCoordination, ORDER_SERVICE } from "../coordination/coordination-store.ts";
import { connectOrders } from "../orders/connect-orders.ts";
import { createOrderService } from "./create-order-service.ts";
import type { ServiceOptions } from "./service-options.ts";

/** An order service that takes requests. */
export interface StartedService {
  /** Is registered no more, and goes on with what still comes until the gateway has seen it. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
/** How long one that died without a word stays registered; the gateway's own checks are faster. */
const TTL_SECONDS = 5;
/** Longer than the gateway's watch and two of its checks take. */
const DRAIN_MS = 2_000;

/**
 * One order service: HTTP in front, the shards' clients behind, nothing of its own between. It listens on
 * any free port of 127.0.0.1, and registers where.
 */
export async function startService(options: ServiceOptions): Promise<StartedService> {
  const { serviceId, clusterId, nodes, ring } = options;
  const transport = createTcpTransport({ nodeId: serviceId, clusterId, peers: nodes });
  const connected = connectOrders(fromJSON(ring), Object.keys(nodes), transport);
  const coordination = connectCoordination(Object.keys(nodes), transport);
  let isReady = true;
  const service = createOrderService(connected, () => isReady);
  await transport.start();
  await service.listen({ host: HOST, port: 0 });
  const { port } = service.server.address() as AddressInfo;
  const registration = await createRegistry(coordination).register(
    { service: ORDER_SERVICE, id: serviceId, host: HOST, port },
    { ttlSeconds: TTL_SECONDS },
  );
  return {
    drain: async () => {
      await registration.deregister();
      isReady = false;
      await pause(systemClock, DRAIN_MS, []);
    },
    stop: async () => {
      isReady = false;
      await registration.deregister();
      await Promise.all([service.close(), connected.stop(), coordination.stop()]);
      await transport.stop();
    },
  };
}
