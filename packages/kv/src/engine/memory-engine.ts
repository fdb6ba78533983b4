import type { ByteString } from "../byte-string.ts";
import { ChangeLog } from "../history/change-log.ts";
import { type Entry, isTombstone } from "../history/entry.ts";
import { KeyHistory } from "../history/key-history.ts";
import { KeyTree } from "../history/key-tree.ts";
import type { StoreEngine, StoreView, Swept } from "./store-engine.ts";

/**
 * Keeps all versions on V8's heap. Keys that exist and keys that were deleted are two trees, so that
 * what is read most, the present, costs nothing for the past.
 */
export class MemoryEngine implements StoreEngine {
  readonly maxKeyBytes: number = Infinity;
  readonly records: undefined;
  readonly #live = new KeyTree();
  /** Keys whose latest version is a tombstone. */
  readonly #dead = new KeyTree();
  readonly #log = new ChangeLog();
  readonly #uncommitted: KeyHistory[] = [];
  /** A key is looked up before it is written: what was found, while both trees are as they were. */
  #found: KeyHistory | undefined;

  get size(): number {
    return this.#live.size;
  }

  get(key: ByteString): Entry | undefined {
    this.#found = this.#live.get(key);
    return this.#found?.latest;
  }

  range(key: ByteString, rangeEnd: ByteString, max: number = Infinity): Entry[] {
    return this.#live.range(key, rangeEnd, max, latestOf);
  }

  rangeDown(key: ByteString, rangeEnd: ByteString, max: number): Entry[] {
    return this.#live.rangeDown(key, rangeEnd, max).map(latestOf);
  }

  count(key: ByteString, rangeEnd: ByteString): number {
    return this.#live.count(key, rangeEnd);
  }

  rangeAt(
    revision: number,
    key: ByteString,
    rangeEnd: ByteString,
    max: number = Infinity,
  ): Entry[] {
    const pick = (history: KeyHistory): Entry | undefined => history.at(revision);
    const live = this.#live.range(key, rangeEnd, max, pick);
    const dead = this.#dead.range(key, rangeEnd, max, pick);
    if (dead.length === 0) return live;
    return [...live, ...dead].toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, max);
  }

  changes(revision: number, max: number): Entry[] {
    return this.#log.since(revision, max);
  }

  write(entry: Entry): void {
    this.#log.add(entry);
    this.#uncommitted.push(this.#add(entry));
  }

  commit(): void {
    this.#uncommitted.length = 0;
  }

  rollback(): void {
    this.#found = undefined;
    for (const history of this.#uncommitted.toReversed()) {
      this.#log.takeBack();
      const wasLive = !isTombstone(history.latest);
      const isLeft = history.takeBack();
      const isLive = isLeft && !isTombstone(history.latest);
      if (wasLive !== isLive) (wasLive ? this.#live : this.#dead).delete(history.key);
      if (isLeft && wasLive !== isLive) (isLive ? this.#live : this.#dead).set(history);
    }
    this.#uncommitted.length = 0;
  }

  sweep(below: number, max: number): Swept {
    this.#found = undefined;
    const removed: Entry[] = [];
    let revision = 0;
    for (let taken = 0; ; taken++) {
      const first = this.#log.first;
      if (!first || first.modRevision >= below) return { removed, upTo: below };
      if (taken >= max && first.modRevision !== revision) {
        return { removed, upTo: first.modRevision };
      }
      revision = first.modRevision;
      this.#log.dropFirst();
      this.#forgetBefore(first, removed);
    }
  }

  batch<R>(run: () => R): R {
    return run();
  }

  async flush(): Promise<void> {}

  fresh(): MemoryEngine {
    return new MemoryEngine();
  }

  adopt(): void {}

  async close(): Promise<void> {}

  load(entry: Entry): void {
    this.#live.set(new KeyHistory(entry));
  }

  view(): StoreView {
    const trees = [this.#live.clone(), this.#dead.clone()];
    const before = (this.#log.first ?? { modRevision: Infinity }).modRevision;
    const changes = this.#log.view();
    return {
      *base() {
        for (const tree of trees) {
          for (const { past, latest } of tree.values()) {
            const first = past[0] ?? latest;
            if (first.modRevision < before) yield first;
          }
        }
      },
      changes,
      release: () => {},
    };
  }

  #add(entry: Entry): KeyHistory {
    const found = this.#found;
    this.#found = undefined;
    // The very key that the store was given, so this compares two pointers.
    const history = found && found.key === entry.key ? found : this.#live.get(entry.key);
    if (history) {
      history.add(entry);
      if (!isTombstone(entry)) return history;
      this.#live.delete(entry.key);
      this.#dead.set(history);
      return history;
    }
    const dead = this.#dead.size > 0 ? this.#dead.get(entry.key) : undefined;
    if (dead) {
      dead.add(entry);
      this.#dead.delete(entry.key);
    }
    const made = dead ?? new KeyHistory(entry);
    this.#live.set(made);
    return made;
  }

  #forgetBefore(entry: Entry, removed: Entry[]): void {
    const isLive = this.#live.get(entry.key);
    const tree = isLive ? this.#live : this.#dead;
    const history = isLive ?? this.#dead.get(entry.key);
    const left = history!.from(entry, removed);
    if (!left) tree.delete(entry.key);
    else if (left !== history) tree.set(left);
  }
}

function latestOf(history: KeyHistory): Entry {
  return history.latest;
}
