import type { ByteString } from "../byte-string.ts";
import type { StoreEngine, StoreReads } from "../engine/store-engine.ts";
import { type Entry, tombstone } from "../history/entry.ts";
import { type Lease, LeaseTable } from "../lease/lease-table.ts";
import { type HashSum, StateHash } from "./state-hash.ts";

/** What a version counts beside its key and its value. */
const ENTRY_BYTES = 64;

/** Changes that a commit sweeps after a compaction: some milliseconds, until all are swept. */
const SWEEP_CHANGES = 4_096;

/** What a store is beside its versions and its leases. */
export interface Standing {
  readonly revision: number;
  /** Reads below it are refused; 0 at first. */
  readonly compactRevision: number;
  /** What was before it is forgotten already; at most the compacted. */
  readonly sweptRevision: number;
  /** Whether writes are refused, since there was no space. */
  readonly isFull: boolean;
}

const STORE_RECORD = "store";

interface Saved {
  readonly standing: Standing;
  readonly bytes: number;
  readonly hash: HashSum;
}

const BEGINNING: Standing = { revision: 1, compactRevision: 0, sweptRevision: 0, isFull: false };

/**
 * The state: versions of keys, leases, the revision. Changes belong to a transaction that ends with
 * `commit` or `rollback`; all of one share a revision, and one without writes takes none.
 *
 * Source: etcd's data model, https://etcd.io/docs/v3.5/learning/data_model/.
 */
export class Store {
  readonly #engine: StoreEngine;
  readonly #hash = new StateHash();
  readonly #leases: LeaseTable;
  /** Of the last commit. */
  #revision: number;
  #compactRevision: number;
  #sweptRevision: number;
  #isFull: boolean;
  /** What `compact` was told in the transaction under way. */
  #compactTo: number;
  #bytes = 0;
  /** What the transaction under way wrote, in order. */
  #written: Entry[] = [];
  #hashBefore: HashSum = this.#hash.sum;
  /** How to take back what it did to leases, in reverse. */
  readonly #undo: (() => void)[] = [];

  /** An empty store, or one that is to be filled by `load` and `replay`. */
  constructor(engine: StoreEngine, standing: Standing = BEGINNING) {
    this.#engine = engine;
    this.#leases = new LeaseTable(engine.records);
    this.#revision = standing.revision;
    this.#compactRevision = standing.compactRevision;
    this.#compactTo = standing.compactRevision;
    this.#sweptRevision = standing.sweptRevision;
    this.#isFull = standing.isFull;
  }

  /** The store that an engine holds: what `save` noted last, or an empty one. */
  static of(engine: StoreEngine): Store {
    const saved = engine.records?.get(STORE_RECORD);
    if (!saved) return new Store(engine);
    const { standing, bytes, hash } = JSON.parse(Buffer.from(saved).toString()) as Saved;
    const store = new Store(engine, standing);
    store.#bytes = bytes;
    store.#hash.reset(hash);
    store.#hashBefore = hash;
    return store;
  }

  /** Notes in the engine, if it outlives the process, what else there is of the state. */
  save(): void {
    const { standing } = this;
    const saved: Saved = { standing, bytes: this.#bytes, hash: this.#hash.sum };
    this.#engine.records?.set(STORE_RECORD, Buffer.from(JSON.stringify(saved)));
  }

  /** The revision as the transaction under way sees it: its own once it has written. */
  get revision(): number {
    return this.#revision + (this.#written.length > 0 ? 1 : 0);
  }

  /** As the transaction under way found it. */
  get compactRevision(): number {
    return this.#compactRevision;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** As of the last commit. */
  get standing(): Standing {
    return {
      revision: this.#revision,
      compactRevision: this.#compactRevision,
      sweptRevision: this.#sweptRevision,
      isFull: this.#isFull,
    };
  }

  get reads(): StoreReads {
    return this.#engine;
  }

  get engine(): StoreEngine {
    return this.#engine;
  }

  get leases(): Pick<LeaseTable, "get" | "all" | "keysOf" | "size"> {
    return this.#leases;
  }

  /** Bytes of all keys and values of all versions that are kept, and 64 for each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the state hashes to; see `StateHash`. */
  digest(): string {
    const isFull = this.#isFull ? 1 : 0;
    return this.#hash.digest([this.revision, this.#compactRevision, this.#sweptRevision, isFull]);
  }

  /** What this transaction has written so far, in its order. */
  get written(): readonly Entry[] {
    return this.#written;
  }

  /** Returns what the key held before. */
  put(key: ByteString, value: ByteString, lease: number): Entry | undefined {
    const before = this.#engine.get(key);
    const modRevision = this.#revision + 1;
    const createRevision = before ? before.createRevision : modRevision;
    const version = before ? before.version + 1 : 1;
    // The key that is held already, not its equal: else every put makes an old object garbage.
    const held = before ? before.key : key;
    this.#write({ key: held, value, createRevision, modRevision, version, lease });
    this.#moveLease(held, before ? before.lease : 0, lease);
    return before;
  }

  /** Deletes a range and returns what it held. */
  delete(key: ByteString, rangeEnd: ByteString): Entry[] {
    const deleted = this.#engine.range(key, rangeEnd);
    for (const before of deleted) {
      this.#write(tombstone(before.key, this.#revision + 1));
      this.#moveLease(before.key, before.lease, 0);
    }
    return deleted;
  }

  compact(revision: number): void {
    this.#compactTo = revision;
  }

  grant(lease: Lease): void {
    this.#leases.grant(lease);
    this.#hash.addLease(lease.id, lease.ttlSeconds);
    this.#undo.push(() => this.#leases.remove(lease.id));
  }

  /** Returns how many keys went with it. */
  revoke(lease: Lease): number {
    const keys = this.#leases.keysOf(lease.id);
    for (const key of keys) this.delete(key, "");
    this.#leases.remove(lease.id);
    this.#hash.removeLease(lease.id, lease.ttlSeconds);
    this.#undo.push(() => this.#leases.grant(lease));
    return keys.length;
  }

  /** Takes effect at once, whatever becomes of the transaction under way. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull;
  }

  commit(): void {
    if (this.#written.length > 0) {
      this.#revision++;
      this.#written = [];
    }
    this.#undo.length = 0;
    this.#compactRevision = this.#compactTo;
    if (this.#sweptRevision < this.#compactRevision) this.#sweep();
    this.#engine.commit();
    this.#hashBefore = this.#hash.sum;
  }

  /** Takes the state back to the last `commit`. */
  rollback(): void {
    for (const undo of this.#undo.toReversed()) undo();
    this.#undo.length = 0;
    for (const entry of this.#written) this.#bytes -= sizeOf(entry);
    this.#written = [];
    this.#engine.rollback();
    this.#hash.reset(this.#hashBefore);
    this.#compactTo = this.#compactRevision;
  }

  /** Adds a version that was swept already, while the store is built from a snapshot. */
  load(entry: Entry): void {
    this.#engine.load(entry);
    this.#count(entry);
    this.#leases.attach(entry.lease, entry.key);
  }

  /** Adds the next change, while the store is built from a snapshot. */
  replay(entry: Entry): void {
    if (this.#leases.size > 0) {
      this.#leases.detach(this.#engine.get(entry.key)?.lease ?? 0, entry.key);
      this.#leases.attach(entry.lease, entry.key);
    }
    this.#engine.write(entry);
    this.#engine.commit();
    this.#count(entry);
  }

  /** All of the snapshot is here. */
  loaded(): void {
    this.#undo.length = 0;
    this.#hashBefore = this.#hash.sum;
  }

  #count(entry: Entry): void {
    this.#hash.add(entry);
    this.#bytes += sizeOf(entry);
  }

  #write(entry: Entry): void {
    this.#engine.write(entry);
    this.#written.push(entry);
    this.#hash.add(entry);
    this.#bytes += sizeOf(entry);
  }

  #moveLease(key: ByteString, from: number, to: number): void {
    if (from === to) return;
    this.#leases.detach(from, key);
    this.#leases.attach(to, key);
    this.#undo.push(() => {
      this.#leases.detach(to, key);
      this.#leases.attach(from, key);
    });
  }

  // A compaction of millions must not hold up the log: each commit does a bounded part of it, and all
  // replicas the same part, so that their states stay equal.
  #sweep(): void {
    const { removed, upTo } = this.#engine.sweep(this.#compactRevision, SWEEP_CHANGES);
    for (const entry of removed) {
      this.#hash.remove(entry);
      this.#bytes -= sizeOf(entry);
    }
    this.#sweptRevision = upTo;
  }
}

/** What a version counts of the quota. */
export function sizeOf(entry: Pick<Entry, "key" | "value">): number {
  return ENTRY_BYTES + entry.key.length + entry.value.length;
}
