import { setImmediate } from "node:timers/promises";
import type { CheckpointLayer, StateCodec } from "../core/state/layer.ts";
import { mergeLayers } from "../core/state/merge-keyed.ts";

/** Merges layers as `mergeLayers` does; others on the thread have their turn after each key group. */
export async function mergeInTurns(
  layers: readonly CheckpointLayer[],
  isAll: boolean,
  codec: StateCodec,
  giveWay: () => Promise<void> = setImmediate,
): Promise<CheckpointLayer> {
  const merging = mergeLayers(layers, isAll, codec);
  for (;;) {
    const { done, value } = merging.next();
    if (done) return value;
    await giveWay();
  }
}
