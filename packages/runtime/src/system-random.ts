import type { Random } from "./random.ts";
import { seededRandom } from "./seeded-random.ts";

/** A stream that differs in each process: seeded once, from the system's secure source. */
export const systemRandom: Random = seededRandom(
  globalThis.crypto.getRandomValues(new Uint32Array(4)).join("-"),
);
