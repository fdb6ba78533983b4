import { type FileSystem, type Random, systemFileSystem, systemRandom } from "@quorate/runtime";
import { openWal, type Wal } from "@quorate/wal";
import { type AcceptorState, UNTOUCHED } from "../core/acceptor-state.ts";
import { born, reborn } from "../core/identity.ts";
import type { Persisted, Write } from "../core/persistence.ts";
import { PaxosError } from "../paxos-error.ts";
import { inOurTerms } from "./in-our-terms.ts";
import { decodeSynodRecord, encodeSynodRecord, type SynodRecord } from "./synod-record.ts";
import type { SynodStorage } from "./synod-storage.ts";

/** Records that are kept; only the last one counts. */
const RECORDS_KEPT = 16;
/** A node writes a few records in its life; a large one gets a file of its own. */
const SEGMENT_BYTES = 64 * 1024;

export interface WalSynodStorageOptions {
  /** Where the node's data is; made when it does not exist. One node a directory. */
  readonly directory: string;
  readonly nodeId: string;
  /** Whether an empty directory is that of a new node, which never promised anything. */
  readonly bootstrap: boolean;
}

/**
 * A node's data in one directory: a write-ahead log whose last record is all that the node must not
 * forget. A torn record was never acknowledged, so nobody has an answer that follows from it; damage
 * anywhere else is `damaged`, and never read as less than was promised (paxos.md, 9).
 */
export class WalSynodStorage implements SynodStorage {
  readonly #options: WalSynodStorageOptions;
  readonly #fileSystem: FileSystem;
  readonly #random: Random;
  #log!: Wal;
  #identity!: SynodRecord["identity"];

  /** `random` draws the node's birth, and the seeds of the log's files. */
  constructor(
    options: WalSynodStorageOptions,
    fileSystem: FileSystem = systemFileSystem,
    random: Random = systemRandom,
  ) {
    this.#options = options;
    this.#fileSystem = fileSystem;
    this.#random = random;
  }

  async load(): Promise<SynodRecord> {
    const { directory } = this.#options;
    const dependencies = { fileSystem: this.#fileSystem, random: this.#random };
    try {
      this.#log = await openWal({ directory, segmentBytes: SEGMENT_BYTES }, dependencies);
    } catch (error) {
      throw inOurTerms(error);
    }
    try {
      return await this.#beginLife();
    } catch (error) {
      await this.#log.close().catch(() => {}); // what went wrong before says more
      throw inOurTerms(error);
    }
  }

  async persist(write: Write<AcceptorState<Uint8Array>>): Promise<Persisted> {
    await this.#append({ identity: this.#identity, state: write.records.at(-1)! });
    return write.persisted();
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  async #beginLife(): Promise<SynodRecord> {
    const { directory, nodeId, bootstrap } = this.#options;
    const last = await this.#lastRecord();
    if (last && last.identity.node !== nodeId) {
      const message = `${directory} has the data of node ${last.identity.node}, not of ${nodeId}`;
      throw new PaxosError("wrong-directory", message);
    }
    this.#identity = last ? reborn(last.identity) : born(nodeId, bootstrap, this.#random);
    const record = { identity: this.#identity, state: last?.state ?? UNTOUCHED };
    await this.#append(record);
    return record;
  }

  async #lastRecord(): Promise<SynodRecord | undefined> {
    const log = this.#log;
    if (log.lastIndex < log.firstIndex) return undefined;
    for await (const { record } of log.read(log.lastIndex)) return decodeSynodRecord(record);
    return undefined;
  }

  async #append(record: SynodRecord): Promise<void> {
    const index = await this.#log.append([encodeSynodRecord(record)]);
    if (index % RECORDS_KEPT === 0) await this.#log.dropBefore(index);
  }
}
