import { joinChunks, rowsOfGroup } from "./group-chunks.ts";
import type { OwnState } from "./keyed-layers.ts";
import type { EncodedRow } from "./layer-encoding.ts";
import type { CheckpointLayer, OperatorLayer, StateCodec } from "./layer.ts";

/** A change of state: the last one of a key counts; without a value, the key is forgotten. */
export interface Change {
  readonly key: string;
  readonly value: Uint8Array | null;
}

interface ChangedRow {
  readonly row: EncodedRow;
  /** Of the row's slots, when it was written. */
  readonly names: readonly string[];
}

/** What belongs to no key; rows have keys that begin with the letter of their key's type. */
const OWN = "own";

/**
 * A checkpoint's layer row by row, for logs that are compacted by key. Keys are
 * `operator/type/key of the row`, so each row is replaced by its next version alone.
 */
export function changesOf({ operators }: CheckpointLayer, codec: StateCodec): readonly Change[] {
  const changes: Change[] = [];
  for (const [id, { groups, own }] of operators) {
    const place = encodeURIComponent(id);
    changes.push({ key: `${place}/${OWN}`, value: own[0] ?? null });
    if (groups.size === 0) continue;
    const { names } = codec.decode(own[0] as Uint8Array) as OwnState;
    for (const bytes of groups.values()) {
      for (const row of rowsOfGroup(bytes, codec)) {
        const changed: ChangedRow = { row, names };
        const value = row.slots ? codec.encode(changed) : null;
        changes.push({ key: `${place}/${typeof row.key}/${row.key}`, value });
      }
    }
  }
  return changes;
}

/** The state that a log of changes ends with, as layers to restore from; none if it is empty. */
export function layersOf(changes: Iterable<Change>, codec: StateCodec): readonly CheckpointLayer[] {
  const latest = new Map<string, Uint8Array>();
  for (const { key, value } of changes) {
    if (value) latest.set(key, value);
    else latest.delete(key);
  }
  const owns = new Map<string, Uint8Array>();
  const rows = new Map<string, ChangedRow[]>();
  for (const [key, value] of latest) {
    const [place = "", kind] = key.split("/", 2);
    const id = decodeURIComponent(place);
    if (kind === OWN) {
      owns.set(id, value);
      continue;
    }
    const row = codec.decode(value) as ChangedRow;
    const of = rows.get(id);
    if (of) of.push(row);
    else rows.set(id, [row]);
  }
  const layers: Map<string, OperatorLayer>[] = [];
  for (const [id, own] of owns) {
    operatorLayers(rows.get(id) ?? [], own, codec).forEach((layer, at) => {
      (layers[at] ??= new Map()).set(id, layer);
    });
  }
  return layers.map((operators, at) => ({ id: at + 1, operators }));
}

/** Rows of the same states together, and at last what belongs to no key. */
function operatorLayers(
  rows: readonly ChangedRow[],
  own: Uint8Array,
  codec: StateCodec,
): readonly OperatorLayer[] {
  const byNames = new Map<string, ChangedRow[]>();
  for (const row of rows) {
    const signature = JSON.stringify(row.names);
    const of = byNames.get(signature);
    if (of) of.push(row);
    else byNames.set(signature, [row]);
  }
  const layers = [...byNames.values()].map((of): OperatorLayer => {
    const state: OwnState = { names: of[0]?.names ?? [], watermarkMs: -Infinity };
    const group = joinChunks([codec.encode(of.map(({ row }) => row))]);
    return { groups: new Map([[0, group]]), own: [codec.encode(state)] };
  });
  return [...layers, { groups: new Map(), own: [own] }];
}
