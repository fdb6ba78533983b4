import type { ByteString } from "../byte-string.ts";
import type { Entry } from "./entry.ts";
import { EntryTree } from "./entry-tree.ts";
import { StateHash } from "./state-hash.ts";

/** A write of the transaction under way, to be undone if it is refused. */
interface Change {
  readonly key: ByteString;
  readonly before: Entry | undefined;
}

/**
 * The state: keys in order, and the revision. Writes belong to a transaction that ends with `commit`
 * or `rollback`; all of one share a revision, and one without writes takes none.
 *
 * Source: etcd's data model, https://etcd.io/docs/v3.5/learning/data_model/.
 */
export class Store {
  readonly #entries: EntryTree;
  readonly #hash: StateHash;
  #revision: number;
  readonly #changes: Change[] = [];

  constructor(
    entries: EntryTree = new EntryTree(),
    hash: StateHash = new StateHash(),
    revision = 1,
  ) {
    this.#entries = entries;
    this.#hash = hash;
    this.#revision = revision;
  }

  /** The revision as the transaction under way sees it: its own once it has written. */
  get revision(): number {
    return this.#changes.length > 0 ? this.#revision + 1 : this.#revision;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** To look at, not to change. */
  get entries(): Omit<EntryTree, "set" | "delete"> {
    return this.#entries;
  }

  /** What the state hashes to; see `StateHash`. */
  digest(): string {
    return this.#hash.digest(this.revision);
  }

  /** Returns what the key held before. */
  put(key: ByteString, value: ByteString): Entry | undefined {
    const before = this.#entries.get(key);
    const revision = this.#revision + 1;
    const created = before ? before.createRevision : revision;
    const version = before ? before.version + 1 : 1;
    this.#changes.push({ key, before });
    // The key that is held already, not its equal: else every put makes an old object garbage.
    const held = before ? before.key : key;
    this.#replace(before, this.#hash.entry(held, value, created, revision, version));
    return before;
  }

  /** Deletes a range and returns what it held. */
  delete(key: ByteString, rangeEnd: ByteString): Entry[] {
    const deleted = this.#entries.range(key, rangeEnd);
    for (const before of deleted) {
      this.#changes.push({ key: before.key, before });
      this.#replace(before, undefined);
    }
    return deleted;
  }

  commit(): void {
    this.#revision = this.revision;
    this.#changes.length = 0;
  }

  /** Takes the state back to the last `commit`. */
  rollback(): void {
    for (const { key, before } of this.#changes.toReversed()) {
      this.#replace(this.#entries.get(key), before);
    }
    this.#changes.length = 0;
  }

  #replace(before: Entry | undefined, after: Entry | undefined): void {
    if (before) this.#hash.remove(before);
    if (after) this.#hash.add(after);
    if (after) this.#entries.set(after);
    else if (before) this.#entries.delete(before.key);
  }
}
