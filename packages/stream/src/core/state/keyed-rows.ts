import { Row } from "./row.ts";

/**
 * The keyed state of one operator and subtask, in memory: a row for each key that has any. Rows that
 * change are remembered until `takeChanged`, so a checkpoint costs what changed, not what there is.
 */
export class KeyedRows<K> {
  readonly #rows = new Map<K, Row<K>>();
  readonly #names: string[] = [];
  #changed: Row<K>[] = [];
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
    if (!row.isChanged) this.#remember(row);
  }

  /** What is in a slot of the current row was changed in place. */
  touch(): void {
    const row = this.row as Row<K>;
    if (!row.isChanged) this.#remember(row);
  }

  /** One more slot or timer of the row is in use. */
  use(row: Row<K>): void {
    if (row.used === 0) this.#rows.set(row.key, row);
    row.used++;
    if (!row.isChanged) this.#remember(row);
  }

  /** One fewer. */
  release(row: Row<K>): void {
    row.used--;
    if (row.used === 0) this.#rows.delete(row.key);
    if (!row.isChanged) this.#remember(row);
  }

  /** Puts a row back as a checkpoint has it: it is not part of the next layer. */
  adopt(row: Row<K>): void {
    this.#rows.set(row.key, row);
  }

  [Symbol.iterator](): IterableIterator<Row<K>> {
    return this.#rows.values();
  }

  /**
   * The rows that changed since the last call, each as it is now, and empty where it was dropped. Of
   * a key that was dropped and came again there are two, the later one last.
   */
  takeChanged(): readonly Row<K>[] {
    const changed = this.#changed;
    this.#changed = [];
    for (const row of changed) row.isChanged = false;
    return changed;
  }

  #remember(row: Row<K>): void {
    row.isChanged = true;
    this.#changed.push(row);
  }
}
