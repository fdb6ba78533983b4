import { setImmediate } from "node:timers/promises";
import type { VirtualClock } from "@quorate/runtime/testing";

/** Lets all that is runnable run and the clock go on by a millisecond, in turns, until `promise` settles. */
export async function pump<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  promise.then(settle, settle);
  await pumpUntil(clock, () => isSettled);
  return promise;
}

/** Until `isTrue` is. */
export async function pumpUntil(clock: VirtualClock, isTrue: () => boolean): Promise<void> {
  for (let turn = 0; !isTrue(); turn++) {
    if (turn > 100_000) throw new Error("it does not become true");
    await setImmediate();
    await clock.advance(1);
  }
}
