import { describe, expect, it } from "vitest";
import type { QuorateCoordinationStore } from "../src/quorate/index.ts";
import { onServer } from "./servers/on-server.ts";
import { QUORATE } from "./servers/quorate.ts";

onServer(QUORATE, (bench) => {
  describe("names of locks", () => {
    it("may be of any characters, and a name may begin with another's", async () => {
      const locks = await bench.locks({ ttlMs: 5_000 });
      const names = ["a", "a/x/b", "a%2Fx", "ä 🔒", "left", "../a"];
      const held = await Promise.all(names.map((name) => locks.mutex(name).tryAcquire()));
      expect(held.map((each) => each !== null)).toEqual(names.map(() => true));
      const { store } = await bench.connect();
      const queues = await (store as QuorateCoordinationStore).queues();
      // Those of the cases before may still be there.
      expect(queues.filter((name) => names.includes(name)).toSorted()).toEqual(names.toSorted());
      for (const each of held) await each!.release();
    });
  });
});
