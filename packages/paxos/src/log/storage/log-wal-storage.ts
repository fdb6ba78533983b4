import { ReplicationError } from "@quorate/replication";
import { LOG_START, type LogPosition, SnapshotStore } from "@quorate/replication/driver";
import { type FileSystem, type Random, systemFileSystem, systemRandom } from "@quorate/runtime";
import { openWal, type Wal, WalError } from "@quorate/wal";
import { born, type Identity, reborn } from "../../core/identity.ts";
import type { Persisted, Write } from "../../core/persistence.ts";
import type { AcceptedRecord, LogRecord } from "../core/log-record.ts";
import { LogReplay } from "./log-replay.ts";
import type { PaxosLogStorage, RecoveredNode } from "./paxos-log-storage.ts";
import { encodeRunHead } from "./run-record.ts";
import { encodeState, type StoredState } from "./state-record.ts";

export interface LogWalStorageOptions {
  /** Where the node's data is; made when it does not exist. */
  readonly directory: string;
  readonly nodeId: string;
  /** Those that vote in the first slots. */
  readonly voters: readonly string[];
  /** α: slots after which a configuration is used. */
  readonly window: number;
  /**
   * Whether an empty directory is that of a node which has never run. If not, it has lost its data: it
   * votes no more until it is added anew.
   */
  readonly bootstrap: boolean;
  /** Bytes of one file of the log, by which space is given back; 512 B to 1 GiB. @default 64 MiB */
  readonly segmentBytes?: number;
}

/** Where a run of entries stands in the write-ahead log, and the last slot of it. */
interface Run {
  readonly at: number;
  readonly lastSlot: number;
}

/**
 * A node's data in one directory: `snapshots/`, and one write-ahead log, `log/`, with the promises and
 * the accepted entries in the order in which they were made.
 */
export class LogWalStorage implements PaxosLogStorage {
  readonly snapshots: SnapshotStore;
  readonly #options: LogWalStorageOptions;
  readonly #fileSystem: FileSystem;
  readonly #random: Random;
  #wal!: Wal;
  #state!: StoredState;
  #runs: Run[] = [];

  /** `random` draws the seeds of the log's files, and births. */
  constructor(
    options: LogWalStorageOptions,
    fileSystem: FileSystem = systemFileSystem,
    random: Random = systemRandom,
  ) {
    this.#options = options;
    this.#fileSystem = fileSystem;
    this.#random = random;
    this.snapshots = new SnapshotStore(`${options.directory}/snapshots`, fileSystem);
  }

  async load(): Promise<RecoveredNode> {
    try {
      return await this.#load();
    } catch (error) {
      if (!(error instanceof WalError) || error.code !== "damaged") throw error;
      throw new ReplicationError("damaged", error.message, { cause: error });
    }
  }

  async persist(write: Write<LogRecord>): Promise<Persisted> {
    const records: Uint8Array[] = [];
    for (const record of write.records) this.#add(record, records);
    await this.#wal.append(records);
    return write.persisted();
  }

  /** What stands before the first run with a slot after `base` goes; the state is written anew. */
  async compact(base: LogPosition): Promise<void> {
    const kept = this.#runs.findIndex(({ lastSlot }) => lastSlot > base.index);
    const firstKept = kept === -1 ? this.#wal.lastIndex + 1 : this.#runs[kept]!.at;
    if (firstKept <= this.#wal.firstIndex) return;
    this.#runs = kept === -1 ? [] : this.#runs.slice(kept);
    this.#state = { ...this.#state, decided: Math.max(this.#state.decided, base.index) };
    await this.#wal.append([encodeState(this.#state)]);
    await this.#wal.dropBefore(firstKept);
  }

  close(): Promise<void> {
    return this.#wal.close();
  }

  #add(record: LogRecord, records: Uint8Array[]): void {
    if (record.kind === "accepted") return this.#addRun(record, records);
    const { promised, decided, configurations } = record;
    this.#state = { ...this.#state, promised, decided, configurations };
    records.push(encodeState(this.#state));
  }

  #addRun({ ballot, first, decided, entries }: AcceptedRecord, records: Uint8Array[]): void {
    const at = this.#wal.lastIndex + 1 + records.length;
    this.#runs.push({ at, lastSlot: first + entries.length - 1 });
    records.push(encodeRunHead({ ballot, first, decided }));
    for (const { record } of entries) records.push(record);
  }

  async #load(): Promise<RecoveredNode> {
    const { directory, segmentBytes } = this.#options;
    await this.snapshots.load();
    this.#wal = await openWal(
      { directory: `${directory}/log`, ...(segmentBytes === undefined ? {} : { segmentBytes }) },
      { fileSystem: this.#fileSystem, random: this.#random },
    );
    const snapshot = this.snapshots.newest ?? LOG_START;
    const replay = new LogReplay(snapshot);
    for await (const { index, record } of this.#wal.read(this.#wal.firstIndex)) {
      replay.add(index, record);
    }
    const { state, log, decided, promised } = replay.finish();
    if (state) this.#checkOwner(state);
    else if (snapshot.index > 0) {
      throw new ReplicationError("damaged", `${directory} has a snapshot and no log`);
    }
    const identity = this.#identity(state);
    const configurations = state?.configurations ?? [];
    const { voters, window } = this.#options;
    this.#state = { identity, voters, window, promised, decided, configurations };
    this.#runs = replay.runs;
    // Before its first ballot and its first vote: another life, whose ballots are no other's.
    await this.#wal.append([encodeState(this.#state)]);
    return { identity, promised, decided, configurations, snapshot, log };
  }

  #identity(state: StoredState | undefined): Identity {
    if (state) return reborn(state.identity);
    const { nodeId, voters, bootstrap } = this.#options;
    return born(nodeId, bootstrap && voters.includes(nodeId), this.#random);
  }

  #checkOwner({ identity, voters, window }: StoredState): void {
    const { nodeId, directory } = this.#options;
    if (identity.node !== nodeId) {
      throw new ReplicationError(
        "wrong-directory",
        `${directory} has the data of node ${identity.node}, not of ${nodeId}`,
      );
    }
    if (voters.toSorted().join() !== this.#options.voters.toSorted().join()) {
      throw new ReplicationError(
        "wrong-directory",
        `${directory} began with the voters ${voters.join(", ")}, not ${this.#options.voters.join(", ")}`,
      );
    }
    if (window === this.#options.window) return;
    throw new ReplicationError(
      "wrong-directory",
      `${directory} has a window of ${window} slots, not of ${this.#options.window}`,
    );
  }
}
