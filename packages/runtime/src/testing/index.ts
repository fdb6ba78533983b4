/**
 * A clock and a disk that a test holds in its hand.
 *
 * @example
 * ```ts
 * import { VirtualClock } from "@quorate/runtime/testing";
 *
 * const clock = new VirtualClock();
 * let rang = false;
 * clock.setTimer(60_000, () => (rang = true));
 * await clock.advance(60_000); // at once
 * console.log(rang); // true
 * ```
 *
 * @packageDocumentation
 */
export { VirtualClock } from "./virtual-clock.ts";
export { type Fault, MemoryFileSystem } from "./memory-file-system.ts";
