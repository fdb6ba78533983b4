export { createRing, type RingOptions } from "./ring.ts";
export { createRendezvous, type RendezvousOptions } from "./rendezvous.ts";
export { createJump, jumpHash, type JumpOptions } from "./jump.ts";
export { createMaglev, type MaglevOptions } from "./maglev.ts";
export { createMultiProbe, type MultiProbeOptions } from "./multi-probe.ts";
export { type AnchorOptions, createAnchor } from "./anchor.ts";
export { createMemento, type MementoOptions } from "./memento.ts";
export { createKetama, type KetamaOptions } from "./ketama.ts";
export {
  createEnvoyMaglev,
  createEnvoyRing,
  type EnvoyMaglevOptions,
  type EnvoyRingOptions,
} from "./envoy.ts";
export { fromJSON } from "./from-json.ts";
export { plan } from "./plan.ts";
export { murmur3 } from "./hash/murmur3.ts";
export { xxh32 } from "./hash/xxh32.ts";
export { xxh64 } from "./hash/xxh64.ts";
export { fnv1a } from "./hash/fnv1a.ts";
