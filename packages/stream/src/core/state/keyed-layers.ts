import type { EncodedTimer, KeyTimers } from "../time/key-timers.ts";
import { type Key, keyGroup } from "./key-groups.ts";
import type { KeyedRows } from "./keyed-rows.ts";
import type { OperatorLayer, StateCodec } from "./layer.ts";
import { migrationOf, versionsOf } from "./migrations.ts";
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
  /** Of states that are not of the first version, by name. */
  readonly versions?: Readonly<Record<string, number>>;
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
  const versions = versionsOf(rows.migrations);
  const own: OwnState = { names: rows.names, watermarkMs, versions, more };
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
  const latest = new Map<Key, { row: EncodedRow; form: Form }>();
  let watermarkMs = -Infinity;
  for (const { groups, own } of layers) {
    const states = own.map((bytes) => codec.decode(bytes) as OwnState);
    const form = formOf(states[0] as OwnState, rows);
    watermarkMs = Math.min(...states.map((state) => state.watermarkMs));
    for (const bytes of groups.values()) {
      for (const row of codec.decode(bytes) as EncodedRow[]) {
        if (row.slots) latest.set(row.key, { row, form });
        else latest.delete(row.key);
      }
    }
  }
  const kept: [Row<K>, EncodedTimer][] = [];
  for (const { row, form } of latest.values()) adopt(rows, kept, row, form);
  // Timers of one time fire in the order of their setting.
  kept.sort(([, one], [, other]) => one.sequence - other.sequence);
  for (const [row, timer] of kept) timers.adopt(row, timer);
  return watermarkMs;
}

/** How the slots of a layer's rows become those of this program. */
interface Form {
  /** By slot of the layer: which one it is now; -1 if there is none. */
  readonly places: readonly number[];
  readonly migrations: readonly (((value: unknown) => unknown) | undefined)[];
  readonly isOld: boolean;
}

function formOf<K>({ names, versions = {} }: OwnState, rows: KeyedRows<K>): Form {
  const migrations = names.map((name) => {
    return rows.names.includes(name) ? migrationOf(name, versions, rows.migrations) : undefined;
  });
  return {
    places: names.map((name) => rows.names.indexOf(name)),
    migrations,
    isOld: migrations.some((migrate) => migrate !== undefined),
  };
}

/** What the operator gave as `more` at the last layer, in each subtask that there was. */
export function restoredMore(
  layers: readonly OperatorLayer[],
  codec: StateCodec,
): readonly unknown[] {
  return (layers.at(-1)?.own ?? []).map((own) => (codec.decode(own) as OwnState).more);
}

function encodedRow<K extends Key>({ key, slots, timers }: Row<K>): EncodedRow {
  if (timers.length === 0) return { key, slots };
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
  { places, migrations, isOld }: Form,
): void {
  const row = new Row(key as K, rows.names.length);
  places.forEach((slot, at) => {
    if (slot < 0 || slots[at] === undefined) return;
    const migrate = migrations[at];
    const value = migrate ? migrate(slots[at]) : slots[at];
    if (value === undefined) return;
    row.slots[slot] = value;
    row.used++;
  });
  row.used += timers.length;
  if (row.used === 0) return;
  rows.adopt(row);
  // All that was migrated is in the next layer, so that no layer after it has two forms of a state.
  if (isOld) {
    rows.row = row;
    rows.touch();
  }
  for (const timer of timers) kept.push([row, timer]);
}
