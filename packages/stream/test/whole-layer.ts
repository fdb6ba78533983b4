import type { Key } from "../src/core/state/key-groups.ts";
import { keyedLayer } from "../src/core/state/keyed-layers.ts";
import type { KeyedRows } from "../src/core/state/keyed-rows.ts";
import type { LayerPieces, OperatorLayer } from "../src/core/state/layer.ts";
import { v8Codec } from "../src/v8-codec.ts";

/** A layer whose pieces are all made at once. */
export function wholeLayer<K extends Key>(
  rows: KeyedRows<K>,
  watermarkMs: number,
  keyGroups: number,
): OperatorLayer {
  return all(keyedLayer(rows, watermarkMs, { keyGroups, codec: v8Codec }));
}

/** What is left to be made. */
export function all(pieces: LayerPieces): OperatorLayer {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}
