import { createMemoryNetwork } from "../src/index.ts";
import { transportCompliance } from "../src/compliance/index.ts";

transportCompliance("the memory network", (limits) => {
  const network = createMemoryNetwork(limits);
  return {
    create: (nodeId) => network.transport(nodeId),
    add: (transport) => transport.start(),
    disconnect: (a, b) => network.disconnect(a, b),
  };
});
