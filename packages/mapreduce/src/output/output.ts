import type { Disk } from "../disk/disk.ts";

/** How records of a result become files. Like an input, it holds options and nothing open. */
export interface Output<R> {
  /** Opens one part in the folder of one attempt; nobody sees it before it is committed. */
  open(target: PartTarget): RecordWriter<R>;
}

export interface PartTarget {
  readonly disk: Disk;
  /** The attempt's own folder, which is there. */
  readonly folder: string;
  /** The part's number, from 0: of the reduce task, or of the map task where nothing is reduced. */
  readonly part: number;
  /**
   * Of several files of one part in one folder, the how manieth, from 0.
   *
   * @default 0
   */
  readonly piece?: number;
}

export interface RecordWriter<R> {
  write(record: R): void;
  /** Bytes written so far. */
  readonly bytes: number;
  /** Writes what is left, makes it durable and closes. */
  close(): void;
  /** Closes without writing; what is there is removed with the attempt's folder. */
  abandon(): void;
}
