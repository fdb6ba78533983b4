import type { Graph } from "../../graph.ts";
import { StreamError } from "../../stream-error.ts";
import { subtaskOfGroup } from "./key-groups.ts";
import type { CheckpointLayer, OperatorLayer } from "./layer.ts";

/** Between an operator's id and the number of the input whose gate it is. */
const GATE_MARK = " ← ";

/** What checkpoints know the gate before an input by. Without it, only the watermark starts anew. */
export function gateId(operator: string, input: number): string {
  return `${operator}${GATE_MARK}${input}`;
}

/**
 * @throws {StreamError} `incompatible-state` if a layer has an operator that the graph has not, and
 * that may not be dropped; `invalid-graph` if two operators have one id.
 */
export function checkFits(
  graph: Graph,
  restored: readonly CheckpointLayer[],
  allowDropped: readonly string[],
): void {
  const ids = new Set<string>();
  for (const { id } of graph) {
    if (ids.has(id)) throw new StreamError("invalid-graph", `two operators are named ${id}`);
    ids.add(id);
  }
  for (const { operators } of restored) {
    for (const id of operators.keys()) {
      const [name] = id.split(GATE_MARK) as [string];
      if (ids.has(id) || ids.has(name) || allowDropped.includes(name)) continue;
      throw new StreamError(
        "incompatible-state",
        `the checkpoint has an operator ${name}, which the pipeline has not: name one so, or drop its state by allowDropped`,
      );
    }
  }
}

/** The layers of one operator, with the key groups of one subtask. */
export function layersOf(
  id: string,
  restored: readonly CheckpointLayer[],
  keyGroups: number,
  subtask: number,
  subtasks: number,
): readonly OperatorLayer[] {
  const layers = restored.flatMap(({ operators }) => operators.get(id) ?? []);
  if (subtasks === 1) return layers;
  const isMine = ([group]: readonly [number, Uint8Array]): boolean =>
    subtaskOfGroup(group, keyGroups, subtasks) === subtask;
  return layers.map(({ groups, own }) => ({ groups: new Map([...groups].filter(isMine)), own }));
}
