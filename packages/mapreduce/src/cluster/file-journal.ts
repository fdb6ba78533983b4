import type { FileSystem, Random } from "@quorate/runtime";
import { openWal, type Wal } from "@quorate/wal";
import type { JobJournal, OpenedJournal } from "./job-journal.ts";

export interface FileJournalDependencies {
  /** @default the system's */
  readonly fileSystem?: FileSystem;
  /** @default the system's */
  readonly random?: Random;
}

const OPENED = Uint8Array.of(0);
const RECORD = 1;

/**
 * A journal in a folder of the machine: a write-ahead log, so that what a crash tears is cut off and
 * what a disk damages is noticed. For one master at a time: two processes that have the same folder open
 * are **not** kept apart; use a `ReplicatedJournal` where that may happen.
 */
export function fileJournal(
  directory: string,
  dependencies: FileJournalDependencies = {},
): JobJournal {
  return new FileJournal(directory, dependencies);
}

class FileJournal implements JobJournal {
  readonly #directory: string;
  readonly #dependencies: FileJournalDependencies;
  #wal: Wal | undefined;

  constructor(directory: string, dependencies: FileJournalDependencies) {
    this.#directory = directory;
    this.#dependencies = dependencies;
  }

  async open(): Promise<OpenedJournal> {
    const wal = await openWal({ directory: this.#directory }, this.#dependencies);
    this.#wal = wal;
    let epoch = 1;
    const records: Uint8Array[] = [];
    for await (const { record } of wal.read(wal.firstIndex)) {
      if (record[0] === RECORD) records.push(record.slice(1));
      else epoch++;
    }
    await wal.append([OPENED]);
    return { epoch, records };
  }

  async append(record: Uint8Array): Promise<void> {
    const bytes = new Uint8Array(record.length + 1);
    bytes[0] = RECORD;
    bytes.set(record, 1);
    await this.#wal!.append([bytes]);
  }

  async close(): Promise<void> {
    await this.#wal?.close();
  }
}
