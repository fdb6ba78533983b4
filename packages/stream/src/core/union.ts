import type { Channel } from "./channel.ts";
import { Inputs, type InputsState } from "./inputs.ts";
import type { OperatorContext } from "./operator-context.ts";
import { NO_GROUPS } from "./state/layer.ts";

/** Several inputs of one type as one. */
export function union<T>(
  context: OperatorContext,
  next: Channel<T>,
  count: number,
): readonly Channel<T>[] {
  const { codec, subtask, subtasks } = context;
  const handler = (value: T, timestampMs: number): void => next.record(value, timestampMs);
  const inputs = new Inputs(
    {
      watermark: (ms) => next.watermark(ms),
      idle: () => next.idle(),
      barrier(checkpointId) {
        context.keep(checkpointId, { groups: NO_GROUPS, own: [codec.encode(inputs.state)] });
        next.barrier(checkpointId);
      },
      end: () => next.end(),
    },
    Array.from({ length: count }, () => handler),
  );
  const layer = context.restored.at(-1);
  const states = (layer?.own ?? []).map((own) => codec.decode(own) as InputsState);
  if (layer) inputs.restore(states, subtask, subtasks);
  return inputs.channels;
}
