import { byKey, type Model, type Scalar, unknownOperation } from "./model.ts";

export type QueueInput =
  | { readonly op: "enqueue"; readonly key: string; readonly value: Scalar }
  | { readonly op: "dequeue"; readonly key: string };

/** Of a dequeue the value, or `null` where the queue is empty; of an enqueue not looked at. */
export type QueueOutput = Scalar;

/**
 * What waits, first in first out: each value as JSON, which has no newline, and a newline behind it.
 * So a state is its own key, and taking the head copies nothing.
 */
export type QueueState = string;

/** Unbounded queues, first in first out, empty at first. `null` cannot be enqueued. */
export function queueModel(): Model<QueueState, QueueInput, QueueOutput> {
  return { name: "queue", initial: "", step, stateKey, partition: byKey, readOnly, values };
}

function step(
  state: QueueState,
  input: QueueInput,
  output: QueueOutput | undefined,
): QueueState | undefined {
  switch (input.op) {
    case "enqueue":
      if (input.value === null) throw unknownOperation("queue", input);
      return `${state}${JSON.stringify(input.value)}\n`;
    case "dequeue": {
      if (output === null) return state === "" ? state : undefined;
      if (output === undefined) return state.slice(state.indexOf("\n") + 1);
      const head = `${JSON.stringify(output)}\n`;
      return state.startsWith(head) ? state.slice(head.length) : undefined;
    }
    default:
      throw unknownOperation("queue", input);
  }
}

function stateKey(state: QueueState): Scalar {
  return state;
}

function readOnly(input: QueueInput, output: QueueOutput | undefined): boolean {
  return input.op === "dequeue" && output === null;
}

function values(input: QueueInput, output: QueueOutput | undefined): readonly Scalar[] {
  if (input.op === "enqueue") return [input.value];
  return output === undefined || output === null ? [] : [output];
}
