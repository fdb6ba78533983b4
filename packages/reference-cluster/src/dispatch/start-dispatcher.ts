import { fromJSON } from "@quorate/consistent-hashing";
import { systemClock, systemRandom } from "@quorate/runtime";
import { createTcpTransport } from "@quorate/transport/tcp";
import { connectLocks, DISPATCH } from "../coordination/cluster-locks.ts";
import { connectCoordination } from "../coordination/coordination-store.ts";
import { connectOrders } from "../orders/connect-orders.ts";
import type { ServiceOptions } from "../service/service-options.ts";
import { Dispatcher } from "./dispatcher.ts";

export interface StartedDispatcher {
  readonly dispatcher: Dispatcher;
  stop(): Promise<void>;
}

/** One dispatcher, which lines up for the lock. */
export async function startDispatcher(options: ServiceOptions): Promise<StartedDispatcher> {
  const { serviceId, clusterId, nodes, ring } = options;
  const transport = createTcpTransport({ nodeId: serviceId, clusterId, peers: nodes });
  const nodeIds = Object.keys(nodes);
  const connected = connectOrders(fromJSON(ring), nodeIds, transport);
  const coordination = connectCoordination(nodeIds, transport);
  const { locks } = connectLocks(coordination);
  const dispatcher = new Dispatcher(serviceId, locks.mutex(DISPATCH), connected.deliveries, {
    clock: systemClock,
    random: systemRandom,
  });
  await transport.start();
  dispatcher.start();
  return {
    dispatcher,
    stop: async () => {
      await dispatcher.stop();
      await locks.stop();
      await Promise.all([connected.stop(), coordination.stop()]);
      await transport.stop();
    },
  };
}
