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

/** A change of one folder's names: of one, or by a rename within the folder, of two at once. */
type Change = readonly (readonly [name: string, node: MemoryNode | undefined])[];

/**
 * The names of a folder. Its changes are kept in their order until they are durable, and a crash
 * leaves some first few of them, as a file system with a journal does; folders know nothing of each
 * other, so a rename from one to another may survive in one of them, both or none.
 */
export class MemoryFolder {
  readonly names = new Map<string, MemoryNode>();
  #durable = new Map<string, MemoryNode>();
  #changes: Change[] = [];

  change(change: Change): void {
    apply(this.names, change);
    this.#changes.push(change);
  }

  sync(): void {
    this.#durable = new Map(this.names);
    this.#changes = [];
  }

  crash(survival: Survival): void {
    const count = this.#changes.length;
    const surviving =
      survival === "nothing"
        ? 0
        : survival === "all"
          ? count
          : Math.floor(survival.next() * (count + 1));
    for (const change of this.#changes.slice(0, surviving)) apply(this.#durable, change);
    this.#changes = [];
    this.names.clear();
    for (const [name, node] of this.#durable) this.names.set(name, node);
    for (const node of this.names.values()) node.crash(survival);
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
  for (const [name, node] of change) {
    if (node) names.set(name, node);
    else names.delete(name);
  }
}
