import {
  createAnchor,
  createEnvoyMaglev,
  createEnvoyRing,
  createJump,
  createKetama,
  createMaglev,
  createMemento,
  createMultiProbe,
  createRendezvous,
  createRing,
  type Locator,
  type NodeSpec,
} from "../src/index.ts";

export type Create = (nodes: readonly (string | NodeSpec)[]) => Locator;

/** Each algorithm with its defaults; those that imitate other programs after the others. */
export const ALGORITHMS: Readonly<Record<string, Create>> = {
  ring: (nodes) => createRing({ nodes }),
  rendezvous: (nodes) => createRendezvous({ nodes }),
  jump: (nodes) => createJump({ nodes }),
  maglev: (nodes) => createMaglev({ nodes }),
  "multi-probe": (nodes) => createMultiProbe({ nodes }),
  anchor: (nodes) => createAnchor({ nodes, capacity: 256 }),
  memento: (nodes) => createMemento({ nodes }),
};

export const COMPATIBLE: Readonly<Record<string, Create>> = {
  ketama: (nodes) => createKetama({ nodes }),
  "envoy-ring": (nodes) => createEnvoyRing({ nodes }),
  "envoy-maglev": (nodes) => createEnvoyMaglev({ nodes }),
};

export const ALL: Readonly<Record<string, Create>> = { ...ALGORITHMS, ...COMPATIBLE };

export function names(count: number, prefix = "node-"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

export function keys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user:${index}`);
}
