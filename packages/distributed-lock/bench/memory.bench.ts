import { type Bench, defineBench, measured, type Sample } from "@quorate/bench";
import { createLocks, type Locks } from "../src/index.ts";
import { createMemoryStore } from "../src/memory/index.ts";

const WAITERS = 1_000;

async function withLocks(run: (locks: Locks) => Promise<Sample>): Promise<Sample> {
  const locks = createLocks(createMemoryStore());
  try {
    return await run(locks);
  } finally {
    await locks.stop();
  }
}

/** What the locks themselves cost: the store is in memory, so that nothing else is measured. */
const bench: Bench = defineBench(async (options) => {
  const count = options.quick ? 2_000 : 20_000;
  return [
    await measured(options, {
      case: "acquire and release, one after the other, nobody else, store in memory",
      unit: "locks/s",
      ours: () =>
        withLocks(async (locks) => {
          const mutex = locks.mutex("m");
          const startedAt = performance.now();
          for (let at = 0; at < count; at++) await (await mutex.acquire()).release();
          return { value: (count * 1_000) / (performance.now() - startedAt) };
        }),
    }),
    await measured(options, {
      case: `a mutex handed through ${WAITERS} waiters, store in memory`,
      unit: "hand-overs/s",
      ours: () =>
        withLocks(async (locks) => {
          const mutex = locks.mutex("m");
          const held = await mutex.acquire();
          const all = Array.from({ length: WAITERS }, () => mutex.run(() => {}));
          await new Promise((resolve) => setTimeout(resolve, 100)); // all wait
          const startedAt = performance.now();
          await held.release();
          await Promise.all(all);
          return { value: (WAITERS * 1_000) / (performance.now() - startedAt) };
        }),
    }),
  ];
});

export default bench;
