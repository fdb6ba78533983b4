import {
  type FileSystem,
  integerBetween,
  type Random,
  systemFileSystem,
  systemRandom,
} from "@quorate/runtime";
import { openWal, type Wal } from "@quorate/wal";
import { ByteWriter } from "../../core/codec/byte-writer.ts";
import { NO_BALLOT } from "../../core/ballot.ts";
import { born, reborn } from "../../core/identity.ts";
import type { Persisted, Write } from "../../core/persistence.ts";
import { PaxosError } from "../../paxos-error.ts";
import { inOurTerms } from "../../storage/in-our-terms.ts";
import type { KeyState, RegisterRecord } from "../core/register-record.ts";
import { KeyHasher } from "./key-hash.ts";
import { LogCleaner } from "./log-cleaner.ts";
import { decodeRecord, encodeRecord, headOfRecord, type RegisterMeta } from "./log-record.ts";
import { PlaceIndex } from "./place-index.ts";
import type {
  KeyPage,
  LoadedRegister,
  RegisterStorage,
  RegisterStorageMetrics,
} from "./register-storage.ts";

export interface LogRegisterStorageOptions {
  /** Where the node's data is; made when it does not exist. One node a directory. */
  readonly directory: string;
  readonly nodeId: string;
  /** Whether an empty directory is that of a new node, which never promised anything. */
  readonly bootstrap: boolean;
  /** The acceptors that the cluster begins with. */
  readonly members: readonly string[];
  /** Bytes of one file, by which space is given back. @default 64 MiB */
  readonly segmentBytes?: number;
  /** Records beyond twice the keys that are there, before cleaning begins. @default 50_000 */
  readonly slackRecords?: number;
}

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const DEFAULT_SLACK_RECORDS = 50_000;
const LARGEST_SEED = 2 ** 32 - 1;
/** Bytes of the log that are read at once, for a page of keys. */
const PAGE_BYTES = 256 * 1024;
/** Empty keys that are told of after a start. */
const MAX_EMPTY = 10_000;

/**
 * A node's data as a write-ahead log that is its only file: the last record of a key is its state. An
 * index in memory says where that stands; values are on disk alone. What later records replaced is
 * waste, and goes when the log is twice as long as it need be: see `LogCleaner`.
 *
 * After Bitcask (Sheehy and Smith, 2010), with the log cleaned from its oldest end as in "The Design
 * and Implementation of a Log-Structured File System" (Rosenblum and Ousterhout, 1992).
 */
export class LogRegisterStorage implements RegisterStorage {
  readonly #options: LogRegisterStorageOptions;
  readonly #fileSystem: FileSystem;
  readonly #random: Random;
  readonly #hasher: KeyHasher;
  readonly #index = new PlaceIndex();
  /** The keys of the writes that are on their way to the disk. */
  readonly #pending = new Set<ReadonlyMap<string, KeyState>>();
  /** The log copies what it is given: the same memory does for all writes. */
  readonly #writer = new ByteWriter();
  #log!: Wal;
  #cleaner!: LogCleaner;
  #meta!: RegisterMeta;
  #metaPlace = -1;
  /** Records on their way to the disk by which all keys are gone. */
  #resets = 0;

  /** `random` draws the node's birth, the seed of its hashes, and those of the log's files. */
  constructor(
    options: LogRegisterStorageOptions,
    fileSystem: FileSystem = systemFileSystem,
    random: Random = systemRandom,
  ) {
    this.#options = options;
    this.#fileSystem = fileSystem;
    this.#random = random;
    this.#hasher = new KeyHasher({
      high: integerBetween(random, 0, LARGEST_SEED),
      low: integerBetween(random, 0, LARGEST_SEED),
    });
  }

  async load(): Promise<LoadedRegister> {
    const { directory, segmentBytes = DEFAULT_SEGMENT_BYTES, slackRecords } = this.#options;
    const dependencies = { fileSystem: this.#fileSystem, random: this.#random };
    try {
      this.#log = await openWal({ directory, segmentBytes }, dependencies);
    } catch (error) {
      throw inOurTerms(error);
    }
    this.#cleaner = new LogCleaner(this.#log, slackRecords ?? DEFAULT_SLACK_RECORDS, {
      live: () => this.#index.size + 1,
      isLive: (place, record) => this.#isLive(place, record),
      moved: (from, to, record) => this.#moved(from, to, record),
    });
    try {
      return await this.#beginLife();
    } catch (error) {
      await this.#log.close().catch(() => {}); // what went wrong before says more
      throw inOurTerms(error);
    }
  }

  read(key: string): KeyState | Promise<KeyState> {
    const place = this.#index.get(this.#hasher.hash(key));
    return place === undefined ? undefined : this.#readAt(key, place);
  }

  async persist(write: Write<RegisterRecord>): Promise<Persisted> {
    this.#cleaner.requireSound();
    const { keys, records, hasReset, hasMeta } = this.#encode(write.records);
    if (hasReset) this.#resets++;
    this.#pending.add(keys);
    const places = await this.#log.appendPlaced(records);
    let at = 0;
    if (hasReset) {
      at++;
      this.#resets--;
      this.#index.clear();
    }
    if (hasMeta) this.#metaPlace = places[at++]!;
    for (const [key, state] of keys) {
      const hash = this.#hasher.hash(key);
      if (state) this.#index.set(hash, places[at]!);
      else this.#index.delete(hash);
      at++;
    }
    this.#pending.delete(keys);
    this.#cleaner.run();
    return write.persisted();
  }

  async keys(cursor: number): Promise<KeyPage> {
    const log = this.#log;
    const keys: string[] = [];
    let next = Math.max(cursor, log.firstIndex);
    if (next > log.lastIndex) return { keys, next: undefined };
    for await (const { index, place, record } of log.read(next, { maxBytes: PAGE_BYTES })) {
      next = index + 1;
      const found = headOfRecord(record);
      if (found.kind === "state" && this.#index.get(this.#hasher.hash(found.key)) === place)
        keys.push(found.key);
    }
    return { keys, next: next > log.lastIndex ? undefined : next };
  }

  metrics(): RegisterStorageMetrics {
    const { firstIndex, lastIndex } = this.#log;
    return {
      keys: this.#index.size,
      indexBytes: this.#index.bytes,
      records: lastIndex - firstIndex + 1,
    };
  }

  async close(): Promise<void> {
    await this.#cleaner.stop();
    await this.#log.close();
  }

  async #beginLife(): Promise<LoadedRegister> {
    const { directory, nodeId, bootstrap, members } = this.#options;
    const { meta: last, empty } = await this.#replay();
    if (last && last.identity.node !== nodeId) {
      const message = `${directory} has the data of node ${last.identity.node}, not of ${nodeId}`;
      throw new PaxosError("wrong-directory", message);
    }
    const first = members.map((node) => ({ node, birth: 0, joined: 0 }));
    this.#meta = last
      ? { ...last, identity: reborn(last.identity) }
      : {
          identity: born(nodeId, bootstrap, this.#random),
          config: { epoch: 0, members: first, next: undefined, forgotten: NO_BALLOT },
          forgotten: NO_BALLOT,
        };
    const record = encodeRecord({ kind: "meta", meta: this.#meta });
    const [place] = await this.#log.appendPlaced([record]);
    this.#metaPlace = place!;
    return { ...this.#meta, empty: [...empty] };
  }

  /** Reads all of the log once: whatever was cut as torn was never acknowledged (paxos.md, 9). */
  async #replay(): Promise<{ meta: RegisterMeta | undefined; empty: ReadonlySet<string> }> {
    let meta: RegisterMeta | undefined;
    const empty = new Set<string>();
    for await (const { place, record: bytes } of this.#log.read(this.#log.firstIndex)) {
      const record = decodeRecord(bytes);
      if (record.kind === "meta") {
        meta = record.meta;
        continue;
      }
      if (record.kind === "reset") {
        this.#index.clear();
        empty.clear();
        continue;
      }
      const { key } = record;
      const hash = this.#hasher.hash(key);
      if (record.kind === "state") this.#index.set(hash, place);
      else this.#index.delete(hash);
      const isEmpty = record.kind === "state" && !record.state.accepted?.value.value;
      if (!isEmpty) empty.delete(key);
      else if (empty.size < MAX_EMPTY) empty.add(key);
    }
    if (!meta && this.#log.lastIndex >= this.#log.firstIndex) {
      throw new PaxosError("damaged", `${this.#options.directory} does not say whose data it is`);
    }
    return { meta, empty };
  }

  /** Of each key the last record, after what the node must know first. */
  #encode(written: readonly RegisterRecord[]): {
    keys: Map<string, KeyState>;
    records: Uint8Array[];
    hasReset: boolean;
    hasMeta: boolean;
  } {
    const writer = this.#writer;
    writer.cutTo(0);
    const keys = new Map<string, KeyState>();
    const records: Uint8Array[] = [];
    const before = this.#meta;
    for (const record of written) {
      if (record.kind === "key") keys.set(record.key, record.state);
      else if (record.kind === "reset") keys.clear();
      else if (record.kind === "config") this.#meta = { ...this.#meta, config: record.config };
      else this.#meta = { ...this.#meta, forgotten: record.ballot };
    }
    const hasReset = written.some(({ kind }) => kind === "reset");
    if (hasReset) records.push(encodeRecord({ kind: "reset" }, writer));
    const hasMeta = this.#meta !== before;
    if (hasMeta) records.push(encodeRecord({ kind: "meta", meta: this.#meta }, writer));
    for (const [key, state] of keys) {
      const record = state
        ? ({ kind: "state", key, state } as const)
        : ({ kind: "forgotten", key } as const);
      records.push(encodeRecord(record, writer));
    }
    return { keys, records, hasReset, hasMeta };
  }

  async #readAt(key: string, place: number): Promise<KeyState> {
    let record: ReturnType<typeof decodeRecord>;
    try {
      record = decodeRecord(await this.#log.readAt(place));
    } catch (error) {
      // The log was cleaned while the file was opened: it stands elsewhere now.
      const moved = this.#index.get(this.#hasher.hash(key));
      if (moved !== undefined && moved !== place) return this.#readAt(key, moved);
      throw inOurTerms(error);
    }
    if (record.kind === "state" && record.key === key) return record.state;
    const other = record.kind === "state" ? record.key : record.kind;
    throw new PaxosError("invariant-broken", `"${key}" has the hash of "${other}": start anew`);
  }

  /** Whether nothing that is in the log, or on its way there, replaces a record. */
  #isLive(place: number, record: Uint8Array): boolean {
    const found = headOfRecord(record);
    if (found.kind === "meta") return place === this.#metaPlace;
    if (found.kind !== "state" || this.#resets > 0) return false;
    if (this.#isPending(found.key)) return false;
    return this.#index.get(this.#hasher.hash(found.key)) === place;
  }

  #isPending(key: string): boolean {
    for (const keys of this.#pending) if (keys.has(key)) return true;
    return false;
  }

  #moved(from: number, to: number, record: Uint8Array): void {
    const found = headOfRecord(record);
    if (found.kind === "meta" && this.#metaPlace === from) this.#metaPlace = to;
    if (found.kind !== "state") return;
    const hash = this.#hasher.hash(found.key);
    if (this.#index.get(hash) === from) this.#index.set(hash, to);
  }
}
