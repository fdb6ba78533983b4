import type { ConfirmedRead } from "../core/read-rounds.ts";

/** Told the index that a read must see, or undefined when this node lost the lead meanwhile. */
export type ReadIndexListener = (index: number | undefined) => void;

/** Who asked the core to confirm that this node leads, by number. */
export class ReadIndexes {
  readonly #asking = new Map<number, ReadIndexListener>();
  #lastId = 0;

  add(listener: ReadIndexListener): number {
    this.#asking.set(++this.#lastId, listener);
    return this.#lastId;
  }

  confirmed(reads: readonly ConfirmedRead[]): void {
    for (const { id, index } of reads) this.#settle(id, index);
  }

  abandoned(ids: Iterable<number>): void {
    for (const id of ids) this.#settle(id, undefined);
  }

  abandonAll(): void {
    this.abandoned([...this.#asking.keys()]);
  }

  #settle(id: number, index: number | undefined): void {
    const listener = this.#asking.get(id);
    this.#asking.delete(id);
    listener?.(index);
  }
}
