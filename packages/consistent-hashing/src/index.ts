/**
 * Which node holds this key: consistent hashing by every algorithm worth having, behind one
 * interface.
 *
 * @example
 * ```ts
 * import { createRing } from "@quorate/consistent-hashing";
 *
 * const ring = createRing({ nodes: ["cache-1", "cache-2", "cache-3"] });
 * console.log(ring.locate("session:42"), ring.locateAll("session:42", 2));
 * ring.remove("cache-2"); // only its own keys move
 * ```
 *
 * @packageDocumentation
 */
export type { Algorithm, LocateAllOptions, Locator } from "./locator.ts";
export type { NodeInfo, NodeSpec } from "./node.ts";
export type { Key } from "./key.ts";
export type { HashName, KeyHashName } from "./key-hash.ts";
export type { HashOptions, SetOptions } from "./options.ts";

export { createRing, type RingOptions } from "./ring.ts";
export { createRendezvous, type RendezvousOptions } from "./rendezvous.ts";
export { createJump, jumpHash, type JumpOptions } from "./jump.ts";
export type { JumpRounding } from "./core/jump.ts";
export { createMaglev, type MaglevOptions } from "./maglev.ts";
export { createMultiProbe, type MultiProbeOptions } from "./multi-probe.ts";
export { type AnchorOptions, createAnchor } from "./anchor.ts";
export { createMemento, type MementoOptions } from "./memento.ts";
export { createKetama, type KetamaOptions } from "./ketama.ts";
export type { KetamaClient } from "./core/ketama.ts";
export {
  createEnvoyMaglev,
  createEnvoyRing,
  type EnvoyMaglevOptions,
  type EnvoyRingOptions,
} from "./envoy.ts";

export { boundLoads, type BoundedLoadOptions, type BoundedLoads } from "./bounded-loads.ts";
export { compare, type CompareOptions, type Comparison, type ComparisonRow } from "./compare.ts";
export type { Profile } from "./profiles.ts";
export { type Move, type MovedRange, plan, type Plan } from "./plan.ts";
export { fromJSON } from "./from-json.ts";
export type { LocatorState } from "./state.ts";

export { fnv1a } from "./hash/fnv1a.ts";
export { murmur3 } from "./hash/murmur3.ts";
export { xxh32 } from "./hash/xxh32.ts";
export { xxh64 } from "./hash/xxh64.ts";

export {
  ConsistentHashingError,
  type ConsistentHashingErrorCode,
} from "./consistent-hashing-error.ts";
