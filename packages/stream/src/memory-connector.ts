import type { Batch, Sink, Source } from "./connector.ts";

/** The values of an array, `batchSize` at a time. Its position is the index of the next value. */
export function fromArray<T>(values: readonly T[], batchSize = 1024): Source<T> {
  return {
    *read(position): Generator<Batch<T>> {
      for (let at = (position as number | undefined) ?? 0; at < values.length; at += batchSize) {
        const records = values.slice(at, at + batchSize);
        yield { records, position: at + records.length };
      }
    },
  };
}

/** A sink that keeps what was committed; in memory, so it outlives a crash of the job only. */
export class MemorySink<T> implements Sink<T> {
  readonly #committed: T[] = [];
  readonly #prepared = new Map<unknown, readonly T[]>();
  #open: T[] = [];

  /** In the order of their transactions. */
  get committed(): readonly T[] {
    return this.#committed;
  }

  write(records: readonly T[]): void {
    for (const record of records) this.#open.push(record);
  }

  prepare(checkpointId: number): unknown {
    this.#prepared.set(checkpointId, this.#open);
    this.#open = [];
    return checkpointId;
  }

  commit(transaction: unknown): void {
    for (const record of this.#prepared.get(transaction) ?? []) this.#committed.push(record);
    this.#prepared.delete(transaction);
  }

  recover(transaction: unknown): void {
    this.#open = [];
    for (const prepared of this.#prepared.keys()) {
      if (prepared !== transaction) this.#prepared.delete(prepared);
    }
  }
}
