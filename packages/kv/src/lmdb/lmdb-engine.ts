import { open, type RootDatabase, TransactionFlags } from "lmdb";
import { type ByteString, FROM_KEY } from "../byte-string.ts";
import type { Records } from "../engine/records.ts";
import type { StoreEngine, StoreView, Swept } from "../engine/store-engine.ts";
import { type Entry, isTombstone } from "../history/entry.ts";
import { KvError } from "../kv-error.ts";
import { decodeEntry, decodeHeld, encodeEntry, encodeHeld, type Held } from "./entry-codec.ts";
import { LmdbTable } from "./lmdb-table.ts";
import {
  changeKey,
  escaped,
  MAX_KEY_BYTES,
  partsOf,
  pastKey,
  pastOf,
  revisionOf,
} from "./table-key.ts";

/** Which of two sets of tables is the state's: a restore fills the other one. */
const GENERATION = Buffer.from("generation");
const HEAD = "head";

/** A write of the transaction under way, to be taken back. */
interface Undo {
  readonly key: ByteString;
  readonly change: ByteString;
  readonly before: Held | undefined;
  readonly isTombstone: boolean;
}

/**
 * Keeps all versions in an LMDB file, which may be larger than memory: keys as they are now, changes in
 * their order, and of each key which changes are its past.
 */
export class LmdbEngine implements StoreEngine {
  readonly maxKeyBytes: number = MAX_KEY_BYTES;
  readonly records: Records;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #generation: number;
  readonly #live: LmdbTable;
  readonly #changes: LmdbTable;
  readonly #past: LmdbTable;
  readonly #records: LmdbTable;
  readonly #uncommitted: Undo[] = [];
  /** Changes before this revision were swept. */
  #head: number;
  /** The next place within the revision that is written. */
  #sub = 0;
  #revision = 0;

  private constructor(root: RootDatabase<Buffer, Buffer>, generation: number) {
    const table = (name: string): LmdbTable =>
      new LmdbTable(
        root.openDB(`${name}.${generation}`, { encoding: "binary", keyEncoding: "binary" }),
      );
    this.#root = root;
    this.#generation = generation;
    this.#live = table("live");
    this.#changes = table("changes");
    this.#past = table("past");
    this.#records = table("records");
    this.#head = Number(this.#records.get(HEAD) ?? 0);
    this.records = recordsOf(this.#records);
  }

  /** Opens what is in `path`, a folder that is made if it is not there. */
  static open(path: string): LmdbEngine {
    try {
      const root = open<Buffer, Buffer>({
        path,
        maxDbs: 16,
        encoding: "binary",
        keyEncoding: "binary",
        // What was committed may be undone by a crash of the system, but never a part of it: the
        // replicated log has it still. One wait for the disk less a batch.
        overlappingSync: false,
        noMetaSync: true,
      });
      return new LmdbEngine(root, Number(root.get(GENERATION) ?? 0));
    } catch (error) {
      throw new KvError("corrupt", `${path} cannot be opened`, { cause: error });
    }
  }

  get size(): number {
    return this.#live.size;
  }

  get(key: ByteString): Entry | undefined {
    return this.#held(key)?.entry;
  }

  range(key: ByteString, rangeEnd: ByteString, max: number = Infinity): Entry[] {
    if (rangeEnd === "") return this.#one(key);
    const found: Entry[] = [];
    for (const [at, bytes] of this.#live.range(key, endOf(rangeEnd))) {
      found.push(decodeHeld(at, bytes).entry);
      if (found.length >= max) break;
    }
    return found;
  }

  rangeDown(key: ByteString, rangeEnd: ByteString, max: number): Entry[] {
    if (rangeEnd === "") return this.#one(key);
    const found: Entry[] = [];
    for (const [at, bytes] of this.#live.rangeDown(key, endOf(rangeEnd))) {
      if (found.length >= max) break;
      found.push(decodeHeld(at, bytes).entry);
    }
    return found;
  }

  count(key: ByteString, rangeEnd: ByteString): number {
    if (rangeEnd === "") return this.#held(key) ? 1 : 0;
    const end = endOf(rangeEnd);
    if (end !== undefined && end <= key) return 0;
    return this.#live.count(key, end);
  }

  rangeAt(
    revision: number,
    key: ByteString,
    rangeEnd: ByteString,
    max: number = Infinity,
  ): Entry[] {
    const found = new Map<ByteString, Entry>();
    for (const entry of this.range(key, rangeEnd)) {
      if (entry.modRevision <= revision) found.set(entry.key, entry);
    }
    const changes = new Map<ByteString, ByteString>();
    for (const [past] of this.#past.range(pastOf(key), pastEndOf(key, rangeEnd))) {
      const { key: of, change } = partsOf(past);
      if (revisionOf(change) <= revision && !found.has(of)) changes.set(of, change);
    }
    for (const [of, change] of changes) {
      const entry = decodeEntry(this.#changes.get(change)!);
      if (!isTombstone(entry)) found.set(of, entry);
    }
    return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, max);
  }

  changes(revision: number, max: number): Entry[] {
    const found: Entry[] = [];
    for (const [change, bytes] of this.#changes.range(changeKey(revision, 0), undefined)) {
      if (found.length >= max && revisionOf(change) !== found.at(-1)!.modRevision) break;
      found.push(decodeEntry(bytes));
    }
    return found;
  }

  write(entry: Entry): void {
    if (entry.modRevision !== this.#revision) this.#sub = 0;
    this.#revision = entry.modRevision;
    const change = changeKey(entry.modRevision, this.#sub++);
    const before = this.#held(entry.key);
    const undo = { key: entry.key, change, before, isTombstone: isTombstone(entry) };
    this.#uncommitted.push(undo);
    this.#changes.put(change, encodeEntry(entry));
    if (before) this.#past.put(pastKey(entry.key, before.change), NOTHING);
    if (undo.isTombstone) {
      this.#past.put(pastKey(entry.key, change), NOTHING);
      this.#live.delete(entry.key);
    } else this.#live.put(entry.key, encodeHeld({ entry, change }));
  }

  commit(): void {
    this.#uncommitted.length = 0;
  }

  rollback(): void {
    for (const undo of this.#uncommitted.toReversed()) {
      const { key, change, before } = undo;
      this.#changes.delete(change);
      if (undo.isTombstone) this.#past.delete(pastKey(key, change));
      if (before) {
        this.#past.delete(pastKey(key, before.change));
        this.#live.put(key, encodeHeld(before));
      } else this.#live.delete(key);
    }
    this.commit();
  }

  sweep(below: number, max: number): Swept {
    const taken: [ByteString, Entry][] = [];
    let upTo = below;
    for (const [change, bytes] of this.#changes.range(
      changeKey(this.#head, 0),
      changeKey(below, 0),
    )) {
      const revision = revisionOf(change);
      if (taken.length >= max && revision !== taken.at(-1)![1].modRevision) {
        upTo = revision;
        break;
      }
      taken.push([change, decodeEntry(bytes)]);
    }
    const removed: Entry[] = [];
    for (const [change, entry] of taken) this.#forgetBefore(entry, change, removed);
    this.#moveHead(upTo);
    return { removed, upTo };
  }

  load(entry: Entry): void {
    const change = changeKey(entry.modRevision, this.#sub++);
    this.#changes.put(change, encodeEntry(entry));
    this.#live.put(entry.key, encodeHeld({ entry, change }));
    if (entry.modRevision >= this.#head) this.#moveHead(entry.modRevision + 1);
  }

  view(): StoreView {
    const transaction = this.#root.useReadTransaction();
    const head = this.#head;
    const changes = this.#changes;
    const entries = function* (start: ByteString, end: ByteString | undefined): Generator<Entry> {
      for (const [, bytes] of changes.range(start, end, transaction)) yield decodeEntry(bytes);
    };
    return {
      base: () => entries(changeKey(0, 0), changeKey(head, 0)),
      changes: (from) => entries(changeKey(Math.max(head, from), 0), undefined),
      release: () => transaction.done(),
    };
  }

  batch<R>(run: () => R): R {
    return this.#root.transactionSync(run, TransactionFlags.SYNCHRONOUS_COMMIT);
  }

  flush(): Promise<void> {
    // Of the library, but not in its types: writes what is not on disk, on a thread of its own.
    const root = this.#root as unknown as { sync(done: (error: Error | null) => void): void };
    return new Promise((resolve, reject) =>
      root.sync((error) => (error ? reject(error) : resolve())),
    );
  }

  fresh(): LmdbEngine {
    const engine = new LmdbEngine(this.#root, 1 - this.#generation);
    // Of a restore that did not come to its end.
    for (const table of engine.#tables()) table.clear();
    engine.#head = 0;
    return engine;
  }

  adopt(): void {
    const before = new LmdbEngine(this.#root, 1 - this.#generation);
    this.batch(() => {
      this.#root.putSync(GENERATION, Buffer.from(String(this.#generation)));
      for (const table of before.#tables()) table.clear();
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #tables(): LmdbTable[] {
    return [this.#live, this.#changes, this.#past, this.#records];
  }

  #held(key: ByteString): Held | undefined {
    const bytes = this.#live.get(key);
    return bytes && decodeHeld(key, bytes);
  }

  #one(key: ByteString): Entry[] {
    const entry = this.get(key);
    return entry ? [entry] : [];
  }

  #moveHead(revision: number): void {
    this.#head = revision;
    this.#records.put(HEAD, Buffer.from(String(revision)));
  }

  #forgetBefore(entry: Entry, change: ByteString, removed: Entry[]): void {
    const start = pastOf(entry.key);
    const gone = [...this.#past.range(start, start + change)].map(([past]) => partsOf(past).change);
    if (isTombstone(entry)) gone.push(change);
    for (const each of gone) {
      removed.push(decodeEntry(this.#changes.get(each)!));
      this.#changes.delete(each);
      this.#past.delete(start + each);
    }
  }
}

const NOTHING = new Uint8Array(0);

function endOf(rangeEnd: ByteString): ByteString | undefined {
  return rangeEnd === FROM_KEY ? undefined : rangeEnd;
}

/** Where the past of a range ends. */
function pastEndOf(key: ByteString, rangeEnd: ByteString): ByteString | undefined {
  if (rangeEnd === "") return `${escaped(key)}\0\u0001`;
  return rangeEnd === FROM_KEY ? undefined : pastOf(rangeEnd);
}

function recordsOf(table: LmdbTable): Records {
  // A name of its own for each, apart from what the engine itself notes.
  return {
    get: (name) => table.get(`r/${name}`),
    set: (name, value) => table.put(`r/${name}`, value),
    delete: (name) => table.delete(`r/${name}`),
    *startingWith(prefix) {
      for (const [name, value] of table.range(`r/${prefix}`, `r/${prefix}\u00ff`)) {
        yield [name.slice(2), value];
      }
    },
  };
}
