import type { Random } from "@quorate/runtime";

export type MemoryNode = MemoryFile | MemoryFolder;

/** What of the changes that were not made durable a crash leaves behind. */
export type Survival = "nothing" | "all" | Random;

const EMPTY = new Uint8Array(0);

/** The bytes of a file that only grows, and how many of them a crash cannot take. */
export class MemoryFile {
  size = 0;
  durableSize = 0;
  /** A failed sync has dropped what was not durable: no later one brings it back. */
  isLost = false;
  #bytes: Uint8Array = EMPTY;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size);
  }

  append(bytes: Uint8Array): void {
    const needed = this.size + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.size);
    this.size = needed;
  }

  sync(): void {
    if (!this.isLost) this.durableSize = this.size;
  }

  crash(survival: Survival): void {
    if (survival !== "all" || this.isLost) {
      const volatile = this.isLost ? 0 : this.size - this.durableSize;
      const share = survival === "nothing" || survival === "all" ? 0 : survival.next();
      this.size = this.durableSize + Math.floor(share * (volatile + 1));
    }
    this.durableSize = this.size;
    this.isLost = false;
  }
}

/** One step in which names of a folder change: one of them, or both of a rename. */
export interface Change {
  readonly names: readonly (readonly [name: string, node: MemoryNode | undefined])[];
  /** Of a name that went to that folder: it is gone from here when it is there. */
  readonly movedTo?: MemoryFolder;
}

/** A name that a crash leaves in the old folder, unless it leaves it in the new one. */
export interface Moved {
  readonly folder: MemoryFolder;
  readonly name: string;
}

/**
 * The names of a folder. Its changes are kept until they are durable, and a crash leaves any of them,
 * also a later one without those before it, as POSIX allows. A rename is one change, though, from
 * one folder to another, too: as file systems with a journal do it.
 */
export class MemoryFolder {
  readonly names: Map<string, MemoryNode> = new Map();
  #durable = new Map<string, MemoryNode>();
  #changes: Change[] = [];

  change(change: Change): void {
    apply(this.names, change);
    this.#changes.push(change);
  }

  sync(): void {
    const changes = this.#changes;
    this.#durable = new Map(this.names);
    this.#changes = [];
    for (const { movedTo } of changes) movedTo?.sync();
  }

  /** What survives, here and below, but that names moved away are still here: they are returned. */
  crash(survival: Survival): Moved[] {
    const survives = (): boolean =>
      survival === "all" || (survival !== "nothing" && survival.next() < 0.5);
    const moved: Moved[] = [];
    for (const change of this.#changes) {
      if (change.movedTo) moved.push(...change.names.map(([name]) => ({ folder: this, name })));
      else if (survives()) apply(this.#durable, change);
    }
    this.#changes = [];
    this.names.clear();
    for (const [name, node] of this.#durable) this.names.set(name, node);
    for (const node of this.names.values()) {
      if (node instanceof MemoryFile) node.crash(survival);
      else moved.push(...node.crash(survival));
    }
    return moved;
  }

  /** Removes what is in it, and in the folders in it: a crash may leave any of that. */
  empty(): void {
    for (const [name, node] of [...this.names]) {
      if (node instanceof MemoryFolder) node.empty();
      this.change({ names: [[name, undefined]] });
    }
  }

  /** Removes a name for good. */
  forget(name: string): void {
    this.names.delete(name);
    this.#durable.delete(name);
  }

  /** How often a node is here and below: twice, when a crash left it in both folders of a rename. */
  occurrences(node: MemoryNode): number {
    let count = 0;
    for (const child of this.names.values()) {
      if (child === node) count += 1;
      if (child instanceof MemoryFolder) count += child.occurrences(node);
    }
    return count;
  }
}

/** Bytes of a file, or of all files in a folder and below. */
export function sizeOf(node: MemoryNode): number {
  if (node instanceof MemoryFile) return node.size;
  let size = 0;
  for (const child of node.names.values()) size += sizeOf(child);
  return size;
}

function apply(names: Map<string, MemoryNode>, change: Change): void {
  for (const [name, node] of change.names) {
    if (node) names.set(name, node);
    else names.delete(name);
  }
}
