import type { CheckpointLayer } from "../core/state/layer.ts";

/** How many bytes of state layers hold. */
export function bytesOfLayers(layers: readonly CheckpointLayer[]): number {
  let bytes = 0;
  for (const { operators } of layers) {
    for (const { groups, own } of operators.values()) {
      for (const group of groups.values()) bytes += group.length;
      for (const one of own) bytes += one.length;
    }
  }
  return bytes;
}
