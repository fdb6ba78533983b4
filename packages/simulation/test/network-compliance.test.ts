import { transportCompliance } from "@quorate/transport/compliance";
import { SimulatedNetwork } from "../src/index.ts";

transportCompliance("the simulated network", (limits) => {
  const network = new SimulatedNetwork({
    ...limits,
    latencyMs: { min: 0, mean: 0, max: 0 },
    connectMs: 0,
  });
  return {
    create: (nodeId) => network.transport(nodeId),
    add: (transport) => transport.start(),
    disconnect: (a, b) => network.disconnect(a, b),
  };
});
