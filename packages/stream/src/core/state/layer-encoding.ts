import type { KeyTimer } from "../time/key-timer.ts";
import type { EncodedTimer } from "../time/key-timers.ts";
import type { FrozenRows, RowUser } from "./frozen-rows.ts";
import { joinChunks } from "./group-chunks.ts";
import { type Key, keyGroup } from "./key-groups.ts";
import type { KeyedRows } from "./keyed-rows.ts";
import type { StateCodec } from "./layer.ts";
import type { Row } from "./row.ts";
import { SmallCopies } from "./small-copy.ts";

/** A row in a layer; without slots, the key was dropped. */
export interface EncodedRow {
  readonly key: Key;
  readonly slots?: readonly unknown[];
  readonly timers?: readonly EncodedTimer[];
}

export interface EncodingOptions {
  readonly keyGroups: number;
  readonly codec: StateCodec;
  /** Most rows that are encoded in one piece. @default 512 */
  readonly pieceRows?: number;
}

/** Most rows of a piece that is encoded; and how many are put with their group in one. */
const PIECE_ROWS = 512;
const GROUPED_ROWS = 4_096;
/** Bytes that a piece should have, going by the one before: rows are large or small. */
const PIECE_BYTES = 65_536;
const FIRST_ROW_BYTES = 4_096;

/**
 * Encodes what changed up to now, piece by piece, while its rows are used on: a row that is about to be
 * is copied, and encoded later with others: alone, most of the time would go into calls of the codec,
 * and as each record may use another row, all would be. What is no small plain data is encoded at once.
 * A single row is never cut.
 */
export class LayerEncoding<K extends Key> implements RowUser<K> {
  readonly #rows: KeyedRows<K>;
  readonly #keyGroups: number;
  readonly #codec: StateCodec;
  readonly #maxRows: number;
  readonly #frozen: FrozenRows<K>;
  /** By key group; drops of keys go before all rows. */
  readonly #drops = new Map<number, Uint8Array[]>();
  readonly #chunks = new Map<number, Uint8Array[]>();
  readonly #smallCopies = new SmallCopies();
  /** Of rows that were used before their turn. */
  readonly #copies = new Map<number, EncodedRow[]>();
  #rowBytes = FIRST_ROW_BYTES;

  /** Freezes what changed. */
  constructor(rows: KeyedRows<K>, { keyGroups, codec, pieceRows = PIECE_ROWS }: EncodingOptions) {
    this.#rows = rows;
    this.#keyGroups = keyGroups;
    this.#codec = codec;
    this.#maxRows = pieceRows;
    this.#frozen = rows.freeze(this);
  }

  use(row: Row<K>): void {
    const group = keyGroup(row.key, this.#keyGroups);
    const slots = this.#smallCopies.of(row.slots);
    const encoded = encodedRow(row, slots ?? row.slots);
    if (slots) add(this.#copies, group, encoded);
    else this.#encode(group, [encoded]);
    this.#frozen.release(row);
  }

  /** Yields between two pieces; returns the encoded rows by key group. */
  *groups(): Generator<undefined, ReadonlyMap<number, Uint8Array>> {
    yield* this.#encodeDrops();
    yield* this.#encodeRows();
    this.#rows.thaw();
    yield* this.#encodeCopies();
    const groups = new Map<number, Uint8Array>();
    for (const group of new Set([...this.#drops.keys(), ...this.#chunks.keys()])) {
      const drops = this.#drops.get(group) ?? [];
      groups.set(group, joinChunks([...drops, ...(this.#chunks.get(group) ?? [])]));
      yield;
    }
    return groups;
  }

  *#encodeDrops(): Generator<undefined, void> {
    for (const [group, keys] of yield* this.#grouped(this.#frozen.dropped, (key) => key)) {
      for (let at = 0; at < keys.length; at += this.#maxRows) {
        const drops = keys.slice(at, at + this.#maxRows).map((key): EncodedRow => ({ key }));
        add(this.#drops, group, this.#codec.encode(drops));
        yield;
      }
    }
  }

  *#encodeRows(): Generator<undefined, void> {
    for (const [group, rows] of yield* this.#grouped(this.#frozen, ({ key }) => key)) {
      let at = 0;
      while (at < rows.length) {
        const end = at + this.#pieceRows;
        const waiting = rows.slice(at, end).filter((row) => this.#frozen.isWaiting(row));
        this.#encode(
          group,
          waiting.map((row) => encodedRow(row, row.slots)),
        );
        for (const row of waiting) this.#frozen.release(row);
        at = end;
        yield;
      }
    }
  }

  *#encodeCopies(): Generator<undefined, void> {
    for (const [group, rows] of this.#copies) {
      let at = 0;
      while (at < rows.length) {
        const end = at + this.#pieceRows;
        this.#encode(group, rows.slice(at, end));
        at = end;
        yield;
      }
    }
  }

  #encode(group: number, rows: readonly EncodedRow[]): void {
    if (rows.length === 0) return;
    const chunk = this.#codec.encode(rows);
    add(this.#chunks, group, chunk);
    this.#rowBytes = chunk.length / rows.length;
  }

  get #pieceRows(): number {
    return Math.max(1, Math.min(this.#maxRows, Math.floor(PIECE_BYTES / this.#rowBytes)));
  }

  *#grouped<T>(
    items: Iterable<T>,
    keyOf: (item: T) => Key,
  ): Generator<undefined, ReadonlyMap<number, T[]>> {
    const groups = new Map<number, T[]>();
    let count = 0;
    for (const item of items) {
      add(groups, keyGroup(keyOf(item), this.#keyGroups), item);
      if (++count % GROUPED_ROWS === 0) yield;
    }
    return groups;
  }
}

function add<T>(groups: Map<number, T[]>, group: number, item: T): void {
  const items = groups.get(group);
  if (items) items.push(item);
  else groups.set(group, [item]);
}

function encodedRow<K extends Key>({ key, timers }: Row<K>, slots: readonly unknown[]): EncodedRow {
  if (timers.length === 0) return { key, slots };
  return { key, slots, timers: timers.map(encodedTimer) };
}

function encodedTimer<K>({ domain, timeMs, namespace, sequence }: KeyTimer<K>): EncodedTimer {
  return { domain, timeMs, namespace, sequence };
}
