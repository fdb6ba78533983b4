import type { KeyedRows } from "./keyed-rows.ts";

/** Where a state of the current key keeps its value. */
export interface Cell {
  get(): unknown;
  /** `undefined` empties it. */
  put(value: unknown): void;
  /** What `get` returned was changed in place. */
  touch(): void;
}

export class SlotCell implements Cell {
  readonly #rows: KeyedRows<unknown>;
  readonly #slot: number;

  constructor(rows: KeyedRows<unknown>, slot: number) {
    this.#rows = rows;
    this.#slot = slot;
  }

  get(): unknown {
    return this.#rows.row?.slots[this.#slot];
  }

  put(value: unknown): void {
    this.#rows.put(this.#slot, value);
  }

  touch(): void {
    this.#rows.touch();
  }
}
