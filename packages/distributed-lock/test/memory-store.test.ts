import { VirtualClock } from "@quorate/runtime/testing";
import { coordinationStoreCompliance } from "../src/compliance/index.ts";
import { createMemoryStore } from "../src/memory/index.ts";

coordinationStoreCompliance("the store in memory", async () => {
  const clock = new VirtualClock();
  const store = createMemoryStore({ clock });
  return {
    minTtlMs: 1_000,
    connect: async () => store,
    pass: (ms) => clock.advance(ms),
    stop: async () => {},
  };
});
