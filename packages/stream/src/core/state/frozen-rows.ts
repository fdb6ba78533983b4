import type { Row } from "./row.ts";

/** Who is told of a row that waits before anything can change it, and has to encode it then. */
export interface RowUser<K> {
  use(row: Row<K>): void;
}

/**
 * What changed up to a barrier: keys to forget first, rows to put in their place then. A row waits in it
 * until it is encoded, which it must be before it changes.
 */
export class FrozenRows<K> {
  readonly dropped: ReadonlySet<K>;
  /** By `Row.changedAt`. */
  readonly #waiting: (Row<K> | undefined)[];
  readonly #user: RowUser<K>;

  constructor(dropped: ReadonlySet<K>, rows: Row<K>[], user: RowUser<K>) {
    this.dropped = dropped;
    this.#waiting = rows;
    this.#user = user;
  }

  /** Those that wait, and come to wait no more while they are gone through. */
  *[Symbol.iterator](): IterableIterator<Row<K>> {
    for (const row of this.#waiting) if (row) yield row;
  }

  isWaiting(row: Row<K>): boolean {
    // A row that changed since has a place among those of the next layer: another row has it here.
    return row.changedAt >= 0 && this.#waiting[row.changedAt] === row;
  }

  /** The row is about to be worked on. */
  use(row: Row<K>): void {
    if (this.isWaiting(row)) this.#user.use(row);
  }

  /** The row is encoded. */
  release(row: Row<K>): void {
    this.#waiting[row.changedAt] = undefined;
    row.changedAt = -1;
    row.isKept = true;
  }
}
