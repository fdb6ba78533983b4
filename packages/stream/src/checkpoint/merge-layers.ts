import type { CheckpointLayer, OperatorLayer } from "../core/state/layer.ts";

/** The layers of all subtasks at one barrier as one; subtasks in their order. */
export function layerOfSubtasks(layers: readonly CheckpointLayer[]): CheckpointLayer {
  const [first] = layers as [CheckpointLayer];
  if (layers.length === 1) return first;
  const operators = new Map<string, OperatorLayer>();
  for (const id of new Set(layers.flatMap((layer) => [...layer.operators.keys()]))) {
    const parts = layers.flatMap((layer) => layer.operators.get(id) ?? []);
    operators.set(id, {
      groups: new Map(parts.flatMap(({ groups }) => [...groups])),
      own: parts.flatMap(({ own }) => own),
    });
  }
  return { id: first.id, operators };
}
