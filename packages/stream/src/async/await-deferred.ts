import type { Deferred } from "../core/deferred.ts";

/**
 * Flushes what is complete, in the order of the graph, and goes on awaiting until a batch may be
 * pushed (`room`) or nothing is left (`none`). `wait` is given a promise of something to flush; it may
 * resolve earlier, to tick: timeouts and retries go by processing time.
 *
 * @throws what a call failed with
 */
export async function awaitDeferred(
  deferred: readonly Deferred[],
  until: "room" | "none",
  wait: (ready: Promise<void>) => Promise<void> = (ready) => ready,
): Promise<void> {
  for (;;) {
    for (const one of deferred) one.flush();
    const held = deferred.filter((one) => (until === "room" ? one.isFull : one.size > 0));
    if (held.length === 0) return;
    await wait(Promise.race(held.map((one) => one.ready())));
  }
}
