import { ReplicationError } from "@quorate/replication";
import {
  type Entry,
  entryOf,
  LOG_START,
  type LogPosition,
  SnapshotStore,
} from "@quorate/replication/driver";
import { type FileSystem, type Random, systemFileSystem, systemRandom } from "@quorate/runtime";
import { openWal, type Wal, WalError } from "@quorate/wal";
import { type HardState, type Persisted, Write } from "../core/persisted.ts";
import { RaftLog } from "../core/raft-log.ts";
import type { RecoveredState } from "../core/server.ts";
import { decodeHardState, encodeHardState, type HardStateRecord } from "./hard-state-record.ts";
import type { RaftStorage } from "./raft-storage.ts";

/** A hard state is some hundred bytes: one segment holds years of elections. */
const HARD_STATE_SEGMENT_BYTES = 1024 * 1024;
/** Records of the hard state's log that are kept; only the last one counts. */
const HARD_STATES_KEPT = 16;

export interface WalStorageOptions {
  /** Where the node's data is; made when it does not exist. */
  readonly directory: string;
  readonly nodeId: string;
  readonly voters: readonly string[];
  /** Bytes of one file of the log, by which space is given back; 512 B to 1 GiB. @default 64 MiB */
  readonly segmentBytes?: number;
}

/**
 * A node's data in one directory: `log/`, whose record of index i is the entry of index i;
 * `hard-state/`, a log whose last record counts; and `snapshots/`.
 */
export class WalStorage implements RaftStorage {
  readonly snapshots: SnapshotStore;
  readonly #options: WalStorageOptions;
  readonly #fileSystem: FileSystem;
  readonly #random: Random;
  #log!: Wal;
  #hardStates!: Wal;
  /** Set while a hard state is being written: entries must not be durable before it. */
  #hardStateWritten: Promise<unknown> | undefined;
  /** The write that was asked for last. */
  #persisted: Promise<unknown> = Promise.resolve();

  /** `random` draws the seeds of the log's files. */
  constructor(
    options: WalStorageOptions,
    fileSystem: FileSystem = systemFileSystem,
    random: Random = systemRandom,
  ) {
    this.#options = options;
    this.#fileSystem = fileSystem;
    this.#random = random;
    this.snapshots = new SnapshotStore(`${options.directory}/snapshots`, fileSystem);
  }

  async load(): Promise<RecoveredState> {
    try {
      return await this.#load();
    } catch (error) {
      if (!(error instanceof WalError) || error.code !== "damaged") throw error;
      throw new ReplicationError("damaged", error.message, { cause: error });
    }
  }

  persist(write: Write): Promise<Persisted> {
    // The proof of a write is one of all before it, also of entries that this one does not wait for.
    const done = Promise.all([this.#persisted, this.#write(write)]).then(() => write.persisted());
    this.#persisted = done;
    return done;
  }

  async compact(base: LogPosition): Promise<void> {
    // The base's own entry stays, since it tells the base's term.
    if (base.index > this.#log.firstIndex) await this.#log.dropBefore(base.index);
  }

  async close(): Promise<void> {
    await this.#log.close();
    await this.#hardStates.close();
  }

  async #load(): Promise<RecoveredState> {
    const { directory, segmentBytes } = this.#options;
    const dependencies = { fileSystem: this.#fileSystem, random: this.#random };
    await this.snapshots.load();
    this.#hardStates = await openWal(
      { directory: `${directory}/hard-state`, segmentBytes: HARD_STATE_SEGMENT_BYTES },
      dependencies,
    );
    const hardState = await this.#loadHardState();
    const logOptions = segmentBytes === undefined ? {} : { segmentBytes };
    this.#log = await openWal({ directory: `${directory}/log`, ...logOptions }, dependencies);
    const snapshot = this.snapshots.newest ?? LOG_START;
    return { hardState, snapshot, log: await this.#loadLog(snapshot) };
  }

  async #loadHardState(): Promise<HardState> {
    const log = this.#hardStates;
    const { nodeId, voters } = this.#options;
    if (log.lastIndex < log.firstIndex) {
      const first = { nodeId, voters, term: 0, votedFor: undefined };
      await log.append([encodeHardState(first)]);
      return first;
    }
    let record: HardStateRecord | undefined;
    for await (const { record: bytes } of log.read(log.lastIndex)) record = decodeHardState(bytes);
    this.#checkOwner(record!);
    return record!;
  }

  #checkOwner(found: HardStateRecord): void {
    const { nodeId, voters, directory } = this.#options;
    if (found.nodeId !== nodeId) {
      throw new ReplicationError(
        "wrong-directory",
        `${directory} has the data of node ${found.nodeId}, not of ${nodeId}`,
      );
    }
    if (found.voters.toSorted().join() !== voters.toSorted().join()) {
      throw new ReplicationError(
        "wrong-directory",
        `${directory} is of the voters ${found.voters.join(", ")}, not ${voters.join(", ")}`,
      );
    }
  }

  async #loadLog(snapshot: LogPosition): Promise<RaftLog> {
    const log = this.#log;
    if (log.firstIndex > snapshot.index + 1) {
      throw new ReplicationError(
        "damaged",
        `the log begins at ${log.firstIndex}, and the snapshot ends at ${snapshot.index}`,
      );
    }
    const entries: Entry[] = [];
    for await (const { index, record } of log.read(log.firstIndex)) {
      const entry = entryOf(record);
      if (!entry)
        throw new ReplicationError("damaged", `record ${index} of the log is not an entry`);
      entries.push(entry);
    }
    if (log.firstIndex === snapshot.index + 1) return new RaftLog(snapshot, entries);
    const [first] = entries;
    const found =
      first && new RaftLog({ index: log.firstIndex, term: first.term }, entries.slice(1));
    if (found?.has(snapshot)) return found;
    // A snapshot from the leader was kept, and a crash came before the log was emptied for it.
    await log.reset(snapshot.index + 1);
    return new RaftLog(snapshot);
  }

  async #write(write: Write): Promise<void> {
    const previous = this.#hardStateWritten;
    if (previous || write.hardState) {
      const written = (previous ?? Promise.resolve()).then(() =>
        this.#writeHardState(write.hardState),
      );
      this.#hardStateWritten = written;
      await written;
      if (this.#hardStateWritten === written) this.#hardStateWritten = undefined;
    }
    await this.#writeEntries(write);
  }

  async #writeHardState(hardState: HardState | undefined): Promise<void> {
    if (!hardState) return;
    const { nodeId, voters } = this.#options;
    const { term, votedFor } = hardState;
    const index = await this.#hardStates.append([
      encodeHardState({ nodeId, voters, term, votedFor }),
    ]);
    if (index % HARD_STATES_KEPT === 0) await this.#hardStates.dropBefore(index);
  }

  /** Issued without waiting in between: the write-ahead log keeps the order of its calls. */
  async #writeEntries({ resetTo, firstIndex, entries }: Write): Promise<void> {
    const log = this.#log;
    const steps: Promise<unknown>[] = [];
    if (resetTo) steps.push(log.reset(resetTo.index + 1));
    else if (entries.length > 0 && firstIndex <= log.lastIndex) {
      steps.push(log.truncateAfter(firstIndex - 1));
    }
    if (entries.length > 0) steps.push(log.append(entries.map(({ record }) => record)));
    await Promise.all(steps);
  }
}
