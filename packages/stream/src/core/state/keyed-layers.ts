import type { EncodedTimer, KeyTimers } from "../time/key-timers.ts";
import { type Key, keyGroup } from "./key-groups.ts";
import type { KeyedRows } from "./keyed-rows.ts";
import type { OperatorLayer, StateCodec } from "./layer.ts";
import { Row } from "./row.ts";

/** A row in a layer; without slots, the key was dropped. */
export interface EncodedRow {
  readonly key: Key;
  readonly slots?: readonly unknown[];
  readonly timers?: readonly EncodedTimer[];
}

/** What a layer of keyed state has besides its rows. */
export interface OwnState {
  /** By name, so that a later version may add, drop and reorder states. */
  readonly names: readonly string[];
  readonly watermarkMs: number;
  /** What else the operator keeps. */
  readonly more?: unknown;
}

/** What changed since the last layer, encoded by key group; `more` is the operator's, whole. */
export function keyedLayer<K extends Key>(
  rows: KeyedRows<K>,
  watermarkMs: number,
  keyGroups: number,
  codec: StateCodec,
  more?: unknown,
): OperatorLayer {
  const { dropped, rows: changed } = rows.takeChanged();
  const byGroup = new Map<number, EncodedRow[]>();
  const put = (row: EncodedRow): void => {
    const group = keyGroup(row.key, keyGroups);
    const encoded = byGroup.get(group);
    if (encoded) encoded.push(row);
    else byGroup.set(group, [row]);
  };
  for (const key of dropped) put({ key });
  for (const row of changed) put(encodedRow(row));
  const groups = new Map<number, Uint8Array>();
  for (const [group, encoded] of byGroup) groups.set(group, codec.encode(encoded));
  const own: OwnState = { names: rows.names, watermarkMs, more };
  return { groups, own: [codec.encode(own)] };
}

/**
 * Fills empty `rows` and `timers` with what the layers hold; the watermark at the last of them, the
 * least of all subtasks. For a subtask of several, give only its groups.
 */
export function restoreKeyed<K extends Key>(
  rows: KeyedRows<K>,
  timers: KeyTimers<K>,
  layers: readonly OperatorLayer[],
  codec: StateCodec,
): number {
  const latest = new Map<Key, { row: EncodedRow; names: readonly string[] }>();
  let watermarkMs = -Infinity;
  for (const { groups, own } of layers) {
    const states = own.map((bytes) => codec.decode(bytes) as OwnState);
    const { names } = states[0] as OwnState;
    watermarkMs = Math.min(...states.map((state) => state.watermarkMs));
    for (const bytes of groups.values()) {
      for (const row of codec.decode(bytes) as EncodedRow[]) {
        if (row.slots) latest.set(row.key, { row, names });
        else latest.delete(row.key);
      }
    }
  }
  const kept: [Row<K>, EncodedTimer][] = [];
  for (const { row, names } of latest.values()) adopt(rows, kept, row, names);
  // Timers of one time fire in the order of their setting.
  kept.sort(([, one], [, other]) => one.sequence - other.sequence);
  for (const [row, timer] of kept) timers.adopt(row, timer);
  return watermarkMs;
}

/** What the operator gave as `more` at the last layer, in each subtask that there was. */
export function restoredMore(
  layers: readonly OperatorLayer[],
  codec: StateCodec,
): readonly unknown[] {
  return (layers.at(-1)?.own ?? []).map((own) => (codec.decode(own) as OwnState).more);
}

function encodedRow<K extends Key>({ key, slots, timers }: Row<K>): EncodedRow {
  return {
    key,
    slots,
    timers: timers.map(({ domain, timeMs, namespace, sequence }) => ({
      domain,
      timeMs,
      namespace,
      sequence,
    })),
  };
}

function adopt<K extends Key>(
  rows: KeyedRows<K>,
  kept: [Row<K>, EncodedTimer][],
  { key, slots = [], timers = [] }: EncodedRow,
  names: readonly string[],
): void {
  const row = new Row(key as K, rows.names.length);
  names.forEach((name, at) => {
    const slot = rows.names.indexOf(name);
    if (slot < 0 || slots[at] === undefined) return;
    row.slots[slot] = slots[at];
    row.used++;
  });
  row.used += timers.length;
  if (row.used === 0) return;
  rows.adopt(row);
  for (const timer of timers) kept.push([row, timer]);
}
