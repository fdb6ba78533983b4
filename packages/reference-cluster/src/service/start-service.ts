import { fromJSON } from "@quorate/consistent-hashing";
import { systemClock } from "@quorate/runtime";
import { createTcpTransport } from "@quorate/transport/tcp";
import { connectOrders } from "../orders/connect-orders.ts";
import { createOrderService } from "./create-order-service.ts";
import type { ServiceOptions } from "./service-options.ts";

/** An order service that takes requests. */
export interface StartedService {
  /** Asks for no more requests, and goes on with those that come until the gateway has seen it. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** Longer than two checks of the gateway take. */
const DRAIN_MS = 2_000;

/** One order service: HTTP in front, the shards' clients behind, nothing of its own between. */
export async function startService(options: ServiceOptions): Promise<StartedService> {
  const { serviceId, clusterId, port, nodes, ring } = options;
  const transport = createTcpTransport({ nodeId: serviceId, clusterId, peers: nodes });
  const connected = connectOrders(fromJSON(ring), Object.keys(nodes), transport);
  let isReady = true;
  const service = createOrderService(connected.orders, () => isReady);
  await transport.start();
  await service.listen({ host: "127.0.0.1", port });
  return {
    drain: () => {
      isReady = false;
      return new Promise((resolve) => systemClock.setTimer(DRAIN_MS, resolve));
    },
    stop: async () => {
      isReady = false;
      await Promise.all([service.close(), connected.stop()]);
      await transport.stop();
    },
  };
}
