import ConsistentHash from "consistent-hash";
import HashRing from "hashring";
import jumphash from "jumphash";
import {
  createAnchor,
  createJump,
  createMaglev,
  createMemento,
  createMultiProbe,
  createRendezvous,
  createRing,
} from "../src/index.ts";

/** A set of nodes, ours or a peer's. */
export interface Contender {
  locate(key: string): string;
  add(node: string): void;
  remove(node: string): void;
}

export type Make = (nodes: readonly string[]) => Contender;

export const OURS = {
  ring: (nodes) => createRing({ nodes }),
  maglev: (nodes) => createMaglev({ nodes }),
  jump: (nodes) => createJump({ nodes }),
  memento: (nodes) => createMemento({ nodes }),
  anchor: (nodes) => createAnchor({ nodes, capacity: 2 * nodes.length }),
  "multi-probe": (nodes) => createMultiProbe({ nodes }),
  rendezvous: (nodes) => createRendezvous({ nodes }),
} as const satisfies Readonly<Record<string, Make>>;

export const PEERS = {
  hashring: (nodes) => {
    const ring = new HashRing(nodes);
    return {
      locate: (key) => ring.get(key),
      add: (node) => void ring.add(node),
      remove: (node) => void ring.remove(node),
    };
  },
  "consistent-hash": (nodes) => {
    const ring = new ConsistentHash();
    for (const node of nodes) ring.add(node);
    return {
      locate: (key) => ring.get(key),
      add: (node) => void ring.add(node),
      remove: (node) => void ring.remove(node),
    };
  },
  jumphash: (nodes) => {
    const list = [...nodes];
    return {
      locate: (key) => list[jumphash(key, list.length)] as string,
      add: (node) => void list.push(node),
      remove: () => void list.pop(),
    };
  },
} as const satisfies Readonly<Record<string, Make>>;

export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.0.${index >>> 8}.${index & 255}:11211`);
}
