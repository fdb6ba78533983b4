import type { Batch, Sink, SinkContext, SinkWriter, Source, SourceContext } from "./connector.ts";
import { StreamError } from "./stream-error.ts";

export interface FromArrayOptions<T> {
  /** Records a batch, at least 1. @default 1024 */
  readonly batchSize?: number;
  /**
   * Which split a value is of: each is read in its order, they take turns by the batch. Splits go to
   * subtasks in turn, in the order of their first values.
   *
   * @default one split, read by the first subtask
   */
  readonly splits?: (value: T) => string;
}

/** The values of an array. A split's position is how many values of it were read. */
export function fromArray<T>(
  values: readonly T[],
  { batchSize = 1024, splits }: FromArrayOptions<T> = {},
): Source<T> {
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new StreamError("invalid-option", `batchSize must be a whole number above 0`);
  }
  return {
    open: ({ subtask, subtasks, positions }: SourceContext) => {
      const all = splits ? bySplit(values, splits) : new Map([["", values]]);
      const mine = [...all].filter((_, at) => at % subtasks === subtask);
      return readInTurns(mine, positions, batchSize);
    },
  };
}

function bySplit<T>(values: readonly T[], splitOf: (value: T) => string): Map<string, T[]> {
  const splits = new Map<string, T[]>();
  for (const value of values) {
    const split = splitOf(value);
    const same = splits.get(split);
    if (same) same.push(value);
    else splits.set(split, [value]);
  }
  return splits;
}

function* readInTurns<T>(
  splits: readonly (readonly [string, readonly T[]])[],
  positions: ReadonlyMap<string, unknown>,
  batchSize: number,
): Generator<Batch<T>> {
  let open = splits.map(([split, values]) => {
    return { split, values, at: (positions.get(split) as number | undefined) ?? 0 };
  });
  const isLast = ({ at, values }: (typeof open)[number]): boolean => at >= values.length;
  // One that is alone needs no announcement.
  if (open.length > 1) {
    for (const one of open) {
      yield { records: [], split: one.split, position: one.at, isLast: isLast(one) };
    }
  }
  for (;;) {
    open = open.filter((one) => !isLast(one));
    if (open.length === 0) return;
    for (const one of open) {
      const { split, values, at } = one;
      const records = values.slice(at, at + batchSize);
      one.at += records.length;
      yield { records, split, position: one.at, isLast: isLast(one) };
    }
  }
}

/** A sink that keeps what was committed; in memory, so it outlives a crash of the job only. */
export class MemorySink<T> implements Sink<T> {
  readonly #committed: T[] = [];
  readonly #prepared = new Map<unknown, readonly T[]>();

  /** In the order of their transactions. */
  get committed(): readonly T[] {
    return this.#committed;
  }

  recover(_: Pick<SinkContext, "id">, transactions: readonly unknown[]): void {
    for (const transaction of transactions) this.#commit(transaction);
    this.#prepared.clear();
  }

  open({ subtask }: SinkContext): SinkWriter<T> {
    let open: T[] = [];
    return {
      write: (records) => {
        for (const record of records) open.push(record);
      },
      prepare: (checkpointId) => {
        if (open.length === 0) return undefined;
        const transaction = `${checkpointId}/${subtask}`;
        this.#prepared.set(transaction, open);
        open = [];
        return transaction;
      },
      commit: (transaction) => this.#commit(transaction),
    };
  }

  #commit(transaction: unknown): void {
    for (const record of this.#prepared.get(transaction) ?? []) this.#committed.push(record);
    this.#prepared.delete(transaction);
  }
}
