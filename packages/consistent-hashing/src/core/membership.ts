import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import type { NodeInfo, NodeSpec } from "../node.ts";
import { nodeInfo } from "../node.ts";

/** The most nodes that a set can have. */
export const MAX_NODES: number = 2 ** 20;

/**
 * The nodes of a set, each at a slot: a small integer that is its own as long as it is a member. A
 * slot depends on the order of joining, so nothing that a lookup answers may depend on it; what has
 * to choose between nodes goes by the order of their names (UTF-16 code units).
 */
export class Membership {
  readonly #slots = new Map<string, number>();
  readonly #nodes: (NodeInfo | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #byName: number[] = [];

  get size(): number {
    return this.#byName.length;
  }

  /** The slots in use, in the order of their nodes' names. */
  get byName(): readonly number[] {
    return this.#byName;
  }

  /** No slot in use is as large as this. */
  get slotLimit(): number {
    return this.#nodes.length;
  }

  node(slot: number): NodeInfo {
    return this.#nodes[slot] as NodeInfo;
  }

  name(slot: number): string {
    return (this.#nodes[slot] as NodeInfo).name;
  }

  weight(slot: number): number {
    return (this.#nodes[slot] as NodeInfo).weight;
  }

  /** @throws {ConsistentHashingError} `unknown-node` */
  slot(name: string): number {
    const slot = this.#slots.get(name);
    if (slot === undefined) {
      throw new ConsistentHashingError("unknown-node", `there is no node named ${quoted(name)}`);
    }
    return slot;
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  /** @throws {ConsistentHashingError} `invalid-node`, `invalid-weight`, `duplicate-node`, `full` */
  checked(spec: string | NodeSpec): NodeInfo {
    const node = nodeInfo(spec);
    if (this.#slots.has(node.name)) throw duplicate(node.name);
    if (this.size >= MAX_NODES) {
      throw new ConsistentHashingError("full", `a set has at most ${MAX_NODES} nodes`);
    }
    return node;
  }

  add(node: NodeInfo): number {
    const slot = this.#freeSlots.pop() ?? this.#nodes.length;
    this.#nodes[slot] = node;
    this.#slots.set(node.name, slot);
    this.#byName.splice(this.rank(node.name), 0, slot);
    return slot;
  }

  remove(slot: number): void {
    const { name } = this.node(slot);
    this.#byName.splice(this.rank(name), 1);
    this.#slots.delete(name);
    this.#nodes[slot] = undefined;
    this.#freeSlots.push(slot);
  }

  setWeight(slot: number, weight: number): void {
    this.#nodes[slot] = { ...this.node(slot), weight };
  }

  /** How many nodes have a name before this one. */
  rank(name: string): number {
    let low = 0;
    let high = this.#byName.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.name(this.#byName[middle] as number) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of each slot, how many nodes have a name before its node's; of slots not in use, 0. */
  ranks(): Int32Array {
    const ranks = new Int32Array(this.slotLimit);
    for (const [rank, slot] of this.#byName.entries()) ranks[slot] = rank;
    return ranks;
  }
}

/** @throws {ConsistentHashingError} `duplicate-node` when two have one name. */
export function checkDistinct(nodes: readonly NodeInfo[]): void {
  const names = new Set<string>();
  for (const { name } of nodes) {
    if (names.has(name)) throw duplicate(name);
    names.add(name);
  }
}

function duplicate(name: string): ConsistentHashingError {
  return new ConsistentHashingError("duplicate-node", `there are two nodes named ${quoted(name)}`);
}

function quoted(name: unknown): string {
  return typeof name === "string" ? JSON.stringify(name) : `a ${typeof name}`;
}
