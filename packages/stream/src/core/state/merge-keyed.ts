import { joinChunks, rowsOfGroup } from "./group-chunks.ts";
import type { Key } from "./key-groups.ts";
import type { OwnState } from "./keyed-layers.ts";
import type { EncodedRow } from "./layer-encoding.ts";
import type { CheckpointLayer, OperatorLayer, StateCodec } from "./layer.ts";

/**
 * Neighbouring layers as one that says the same: of each key the last row. `isAll`: nothing is before
 * them, so keys that were dropped need not be told of, nor operators that the last layer has no more.
 * Yields between two key groups, for whoever has something else to do.
 */
export function* mergeLayers(
  layers: readonly CheckpointLayer[],
  isAll: boolean,
  codec: StateCodec,
): Generator<undefined, CheckpointLayer> {
  const last = layers.at(-1) as CheckpointLayer;
  const ids = new Set(layers.flatMap(({ operators }) => [...operators.keys()]));
  const operators = new Map<string, OperatorLayer>();
  for (const id of ids) {
    if (isAll && !last.operators.has(id)) continue;
    const parts = layers.flatMap((layer) => layer.operators.get(id) ?? []);
    operators.set(id, yield* mergeOperator(parts, isAll, codec));
  }
  return { id: last.id, operators };
}

function* mergeOperator(
  parts: readonly OperatorLayer[],
  isAll: boolean,
  codec: StateCodec,
): Generator<undefined, OperatorLayer> {
  const { own } = parts.at(-1) as OperatorLayer;
  const groups = new Map<number, Uint8Array>();
  const numbers = new Set(parts.flatMap((part) => [...part.groups.keys()]));
  // What has no keyed rows has no names of states either.
  const names = numbers.size > 0 ? namesOf(own, codec) : [];
  const sources = parts
    .filter((part) => part.groups.size > 0)
    .map((part) => ({ groups: part.groups, slots: slotsBy(namesOf(part.own, codec), names) }));
  for (const number of numbers) {
    const holding = sources.filter((part) => part.groups.has(number));
    const [only] = holding as [Source];
    if (holding.length === 1 && !isAll && !only.slots) {
      groups.set(number, only.groups.get(number) as Uint8Array);
      continue;
    }
    const rows = mergedRows(holding, number, isAll, codec);
    if (rows.length > 0) groups.set(number, joinChunks([codec.encode(rows)]));
    yield;
  }
  return { groups, own };
}

interface Source {
  readonly groups: ReadonlyMap<number, Uint8Array>;
  /** Puts slots in the order of the last layer. */
  readonly slots: ((slots: readonly unknown[]) => readonly unknown[]) | undefined;
}

function mergedRows(
  parts: readonly Source[],
  group: number,
  isAll: boolean,
  codec: StateCodec,
): readonly EncodedRow[] {
  const rows = new Map<Key, EncodedRow>();
  for (const { groups, slots } of parts) {
    for (const row of rowsOfGroup(groups.get(group) as Uint8Array, codec)) {
      // Put anew, a key is at the end: drops before it stay before it.
      rows.delete(row.key);
      if (row.slots) rows.set(row.key, slots ? { ...row, slots: slots(row.slots) } : row);
      else if (!isAll) rows.set(row.key, row);
    }
  }
  return [...rows.values()];
}

/** How slots in the order of `from` are put in the order of `to`; undefined: they are in it. */
function slotsBy(
  from: readonly string[],
  to: readonly string[],
): ((slots: readonly unknown[]) => readonly unknown[]) | undefined {
  if (from.length === to.length && from.every((name, at) => name === to[at])) return undefined;
  const places = to.map((name) => from.indexOf(name));
  return (slots) => places.map((at) => (at < 0 ? undefined : slots[at]));
}

function namesOf(own: readonly Uint8Array[], codec: StateCodec): readonly string[] {
  return (codec.decode(own[0] as Uint8Array) as OwnState).names;
}
