import type { Committed, DurableState, StateMachine } from "@quorate/replication";
import { type BackupPart, exportBackup } from "./backup/export-backup.ts";
import { importBackup } from "./backup/import-backup.ts";
import type { ByteString } from "./byte-string.ts";
import { ByteWriter } from "./codec/byte-writer.ts";
import { decodeCommand } from "./codec/decode-operation.ts";
import { writeResult } from "./codec/encode-result.ts";
import type { StoreEngine, StoreReads } from "./engine/store-engine.ts";
import { MemoryEngine } from "./engine/memory-engine.ts";
import { commandErrorCode, KvError } from "./kv-error.ts";
import type { Lease } from "./lease/lease-table.ts";
import { MAX_REQUEST_BYTES, MAX_RESULT_BYTES } from "./limits.ts";
import { type KvMachineOptions, validatedMachineOptions } from "./machine-options.ts";
import type { CommandResult } from "./operation-result.ts";
import type { DecodedCommand, DecodedOperation } from "./operation.ts";
import { checkOperation } from "./store/check-operation.ts";
import { executeCommand } from "./store/execute-command.ts";
import { executeOperation } from "./store/execute-operation.ts";
import { checkSpace } from "./store/quota.ts";
import { readSnapshot } from "./store/read-snapshot.ts";
import { Store } from "./store/store.ts";
import type { StoreListener } from "./store/store-listener.ts";
import { writeSnapshot } from "./store/write-snapshot.ts";

/** What a store needs from outside; each has a default. */
export interface KvMachineDependencies {
  /**
   * Where it keeps its versions; nobody else may use it.
   *
   * @default in memory
   */
  readonly engine?: StoreEngine;
}

/**
 * An ordered, multi-version key-value store as a replicated log's state machine: commands by
 * `encodeCommand`, results for `decodeResult`. A command that is refused changes nothing (but that
 * `no-space` makes the store full) and has a result that says why, whatever its bytes.
 */
export class KvStateMachine implements StateMachine {
  readonly #options: Required<KvMachineOptions>;
  readonly #writer = new ByteWriter(MAX_RESULT_BYTES, "result-too-large");
  readonly #listeners = new Set<StoreListener>();
  #store: Store;

  /** @throws {KvError} `invalid-option`. */
  constructor(options: KvMachineOptions = {}, { engine }: KvMachineDependencies = {}) {
    this.#options = validatedMachineOptions(options);
    this.#store = Store.of(engine ?? new MemoryEngine());
  }

  /** 1 at first; one more with each command that wrote. */
  get revision(): number {
    return this.#store.revision;
  }

  /** The earliest revision that can be read and watched; 0 before the first compaction. */
  get compactRevision(): number {
    return this.#store.compactRevision;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#store.reads.size;
  }

  /** What counts of the quota. */
  get bytes(): number {
    return this.#store.bytes;
  }

  /** Whether writes are refused with `no-space`, until `disarm`. */
  get isFull(): boolean {
    return this.#store.isFull;
  }

  /**
   * 16 hexadecimal digits, equal where all versions, leases and revisions are equal, and, but for one
   * chance in 2^64, only there. Costs nothing to ask for. Not against someone who chooses values to
   * deceive it.
   */
  hash(): string {
    return this.#store.digest();
  }

  /** A lease and its keys, in order; undefined if there is none of this id. */
  lease(id: number): (Lease & { readonly keys: readonly Uint8Array[] }) | undefined {
    const lease = this.#store.leases.get(id);
    if (!lease) return undefined;
    const keys = this.#store.leases.keysOf(id).map((key) => Buffer.from(key, "latin1"));
    return { id, ttlSeconds: lease.ttlSeconds, keys };
  }

  /** All leases, in the order of their ids. */
  leases(): Lease[] {
    return this.#store.leases.all().map(({ id, ttlSeconds }) => ({ id, ttlSeconds }));
  }

  /** With an engine on disk: what a replicated log keeps beside the state. */
  get durable(): DurableState | undefined {
    const { engine } = this.#store;
    const { records } = engine;
    if (!records) return undefined;
    return {
      batch: (run) => engine.batch(run),
      flush: () => engine.flush(),
      get: (name) => records.get(name),
      set: (name, value) => records.set(name, value),
      delete: (name) => records.delete(name),
      startingWith: (prefix) => records.startingWith(prefix),
    };
  }

  /** What is read of the versions that the store holds; the state is not to be changed by it. */
  get reads(): StoreReads {
    return this.#store.reads;
  }

  /** Tells `listener` of every change from now on, until the returned function is called. */
  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  apply(entries: readonly Committed[]): Uint8Array[] {
    const store = this.#store;
    return store.engine.batch(() => {
      const results = entries.map(({ index, command }) =>
        this.#answer(() => this.#apply(index, command)),
      );
      store.save();
      return results;
    });
  }

  /**
   * Answers an encoded range, or a transaction of nothing else, without changing anything; any other
   * command is refused with `not-a-read`. For `ReplicatedLog.read`.
   */
  query(command: Uint8Array): Uint8Array {
    return this.#answer(() => this.#encode(this.#query(this.#checked(command))));
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return writeSnapshot(this.#store);
  }

  /** @throws {KvError} `corrupt`, `unsupported-version`; the old state is kept. */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const engine = this.#store.engine.fresh();
    this.#adopt(engine, await readSnapshot(engine, chunks));
  }

  /**
   * A part of a backup: all that was written from a revision on, or, from 0, all that the store has, at this
   * moment, while writes go on. Any replica gives the same versions.
   *
   * @throws {KvError} `compacted`, `future-revision` (above the one after the current).
   */
  exportFrom(revision: number): BackupPart {
    return exportBackup(this.#store, revision);
  }

  /**
   * Fills a store that was never written to from a full part and those that follow it, in their order. Not
   * through the log: every replica must import the same before it starts for the first time.
   *
   * @throws {KvError} `not-empty`, `truncated`, `corrupt`, `wrong-part`, `unsupported-version`: the store
   *   stays empty.
   */
  async importFrom(parts: readonly AsyncIterable<Uint8Array>[]): Promise<void> {
    if (this.revision > 1 || this.#store.leases.size > 0) {
      throw new KvError("not-empty", "a backup is imported into a store that was never written to");
    }
    const engine = this.#store.engine.fresh();
    this.#adopt(engine, await importBackup(engine, parts));
  }

  #adopt(engine: StoreEngine, store: Store): void {
    store.save();
    engine.adopt();
    this.#store = store;
    for (const listener of this.#listeners) listener.restored?.();
  }

  #apply(index: number, bytes: Uint8Array): Uint8Array {
    const command = this.#checked(bytes);
    const store = this.#store;
    try {
      checkSpace(store, command, this.#options.quotaBytes);
      const { minLeaseTtlSeconds } = this.#options;
      const result = executeCommand(store, command, { index, minLeaseTtlSeconds });
      // Encoded before it is committed: a result that is too large must leave no trace.
      const encoded = this.#encode(result);
      this.#compactBySelf();
      this.#commit(command, result);
      return encoded;
    } catch (error) {
      store.rollback();
      if (commandErrorCode(error) === "no-space") {
        store.setFull(true);
        store.commit();
      }
      throw error;
    }
  }

  #commit(command: DecodedCommand, result: CommandResult<ByteString>): void {
    const { written } = this.#store;
    this.#store.commit();
    if (this.#listeners.size === 0) return;
    for (const listener of this.#listeners) {
      if (written.length > 0) listener.committed?.(this.#store.revision, written);
      if (result.kind === "grant-lease") {
        listener.granted?.({ id: result.lease, ttlSeconds: result.ttlSeconds });
      }
      if (command.kind === "revoke-lease") listener.revoked?.(command.lease);
    }
  }

  #compactBySelf(): void {
    const { keepRevisions } = this.#options;
    const { revision, compactRevision } = this.#store;
    if (keepRevisions === 0 || revision - compactRevision < 2 * keepRevisions) return;
    this.#store.compact(revision - keepRevisions);
  }

  #query(command: DecodedCommand): CommandResult<ByteString> {
    if (isRead(command)) return executeOperation(this.#store, command);
    throw new KvError("not-a-read", "only ranges can be read without the log");
  }

  #checked(command: Uint8Array): DecodedCommand {
    if (command.length > MAX_REQUEST_BYTES) {
      throw new KvError("request-too-large", `${command.length} bytes, above ${MAX_REQUEST_BYTES}`);
    }
    const decoded = decodeCommand(command);
    if (isOperation(decoded)) checkOperation(decoded, this.#store.engine.maxKeyBytes);
    return decoded;
  }

  #answer(run: () => Uint8Array): Uint8Array {
    try {
      return run();
    } catch (error) {
      const code = commandErrorCode(error);
      if (code === undefined) throw error;
      return this.#encode({ kind: "refused", code });
    }
  }

  #encode(result: CommandResult<ByteString>): Uint8Array {
    return this.#writer.message((writer) => writeResult(writer, result));
  }
}

function isOperation(command: DecodedCommand): command is DecodedOperation {
  const { kind } = command;
  return kind === "put" || kind === "delete" || kind === "range" || kind === "transaction";
}

function isRead(command: DecodedCommand): command is DecodedOperation {
  if (command.kind !== "transaction") return command.kind === "range";
  return command.success.every(isRead) && command.failure.every(isRead);
}
