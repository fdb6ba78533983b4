/**
 * Where records come from. An input is made in every worker by loading the job's module, so it holds
 * options, and no open files.
 */
export interface Input {
  /**
   * The pieces that tasks read, in the input's order; none is larger than about `splitBytes`, as far
   * as the format lets it be cut.
   *
   * @throws {MapReduceError} `invalid-input` for what is missing or cannot be read.
   */
  splits(options: SplitOptions): Promise<readonly Split[]>;
  /**
   * The records of one split, in order, each of them in exactly one split of its file. The engine
   * asks for the next batch when it is done with the one before, which may then be reused.
   *
   * @throws {MapReduceError} `invalid-input`, `record-too-large`.
   */
  read(split: Split, options: ReadOptions): AsyncIterable<RecordBatch>;
  /** The same input of other paths; left out where there are none. */
  at?(paths: readonly string[]): Input;
}

export interface SplitOptions {
  readonly splitBytes: number;
}

export interface ReadOptions {
  /** A longer record is an error, or skipped and told to `onTooLarge` when that is there. */
  readonly maxRecordBytes: number;
  /** Told of a record that was skipped, by where it begins and how long it is. */
  readonly onTooLarge?: (offset: number, bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** A piece of an input that one task reads. Plain data: it is sent to workers as JSON. */
export interface Split {
  /** The file, or what stands for one. */
  readonly file: string;
  /** The first byte. */
  readonly start: number;
  /** The byte after the last; `null` for up to the end, where the size is not known before. */
  readonly end: number | null;
  /**
   * It can be read only once (standard input is gone when it was read): a task with such a split is
   * neither tried again nor backed up, and runs where the job was started.
   */
  readonly once?: true;
  /** The nodes that have it at hand: a task runs there if it can. */
  readonly hosts?: readonly string[];
}

/** Records that stand in one buffer. */
export interface RecordBatch {
  readonly bytes: Uint8Array;
  /** Record `i` is `bytes` from `starts[i]` to before `ends[i]`. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly count: number;
  /** Where in the file `bytes` begins. */
  readonly offset: number;
  /** How the records of a CSV file become fields; `record.csv()` takes commas where there is none. */
  readonly csv?: CsvFormat;
}

export interface CsvFormat {
  /** The names in the header line, in their order; `undefined` without one. */
  readonly columns: readonly string[] | undefined;
  /** @throws Error when a quoted field is not closed, or more follows its closing quote. */
  fields(record: string): readonly string[];
}
