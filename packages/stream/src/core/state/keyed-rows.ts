import type { StateMigrations } from "./migrations.ts";
import { Row } from "./row.ts";

/**
 * The keyed state of one operator and subtask, in memory: a row for each key that has any. Rows that
 * change are remembered until `takeChanged`, so a checkpoint costs what changed, not what there is.
 */
export class KeyedRows<K> {
  readonly #rows = new Map<K, Row<K>>();
  readonly #names: string[] = [];
  /** Of states whose values have changed their form since a version before. */
  migrations: StateMigrations = {};
  #changed: Row<K>[] = [];
  #dropped = new Set<K>();
  /** The key that is being worked on. */
  row: Row<K> | undefined;

  /** Names of the declared states, by slot. */
  get names(): readonly string[] {
    return this.#names;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Reserves a slot; only while no row was made yet. */
  declare(name: string): number {
    return this.#names.push(name) - 1;
  }

  select(key: K): Row<K> {
    // A row of nothing is not in the map: it is found by the next `use`, or forgotten.
    const row = this.#rows.get(key) ?? new Row(key, this.#names.length);
    this.row = row;
    return row;
  }

  /** Fills or empties a slot of the current row. */
  put(slot: number, value: unknown): void {
    const row = this.row as Row<K>;
    const before = row.slots[slot];
    row.slots[slot] = value;
    if (before === undefined) {
      if (value !== undefined) this.use(row);
    } else if (value === undefined) {
      this.release(row);
    }
    if (row.changedAt < 0) this.#remember(row);
  }

  /** What is in a slot of the current row was changed in place. */
  touch(): void {
    const row = this.row as Row<K>;
    if (row.changedAt < 0) this.#remember(row);
  }

  /** One more slot or timer of the row is in use. */
  use(row: Row<K>): void {
    if (row.used === 0) this.#rows.set(row.key, row);
    row.used++;
    if (row.changedAt < 0) this.#remember(row);
  }

  /** One fewer. */
  release(row: Row<K>): void {
    row.used--;
    if (row.used === 0) this.#drop(row);
    else if (row.changedAt < 0) this.#remember(row);
  }

  /** Puts a row back as a checkpoint has it: it is not part of the next layer. */
  adopt(row: Row<K>): void {
    row.isKept = true;
    this.#rows.set(row.key, row);
  }

  [Symbol.iterator](): IterableIterator<Row<K>> {
    return this.#rows.values();
  }

  /**
   * What changed since the last call. A key that came and went meanwhile is in neither, so what is
   * remembered never exceeds what is, or was, in layers; one that went and came back is in both.
   */
  takeChanged(): Changes<K> {
    const changes = { dropped: this.#dropped, rows: this.#changed };
    this.#dropped = new Set();
    this.#changed = [];
    for (const row of changes.rows) {
      row.changedAt = -1;
      row.isKept = true;
    }
    return changes;
  }

  #remember(row: Row<K>): void {
    // A slot that was emptied again may leave a row that is of no use.
    if (row.used > 0) row.changedAt = this.#changed.push(row) - 1;
  }

  #drop(row: Row<K>): void {
    this.#rows.delete(row.key);
    if (row.isKept) this.#dropped.add(row.key);
    if (row.changedAt < 0) return;
    const last = this.#changed.pop() as Row<K>;
    if (last !== row) {
      this.#changed[row.changedAt] = last;
      last.changedAt = row.changedAt;
    }
    row.changedAt = -1;
  }
}

/** Keys to forget first, rows to put in their place then. */
export interface Changes<K> {
  readonly dropped: ReadonlySet<K>;
  readonly rows: readonly Row<K>[];
}
