import type { Operation } from "../../history/operation.ts";

/** Where an operation's bar is drawn. */
export interface Bar {
  readonly operation: Operation;
  /** From the top, from 0. */
  readonly lane: number;
  /** Columns from the left, from 0: the one of its call, and of its return. */
  readonly from: number;
  /** `null`: to the right edge, as it never returned. */
  readonly to: number | null;
}

export interface Lanes {
  readonly bars: readonly Bar[];
  /** Whose each lane is. A client whose operations overlap has several, one below the other. */
  readonly clients: readonly string[];
  readonly columns: number;
}

/**
 * Lanes by client, in the order of their first calls. Each point in time is a column of its own,
 * whatever lies between two: the order is what matters, and moments may differ by a million times.
 */
export function lanesOf(operations: readonly Operation[]): Lanes {
  const byCall = operations.toSorted((a, b) => a.call - b.call);
  const times = new Set(byCall.flatMap((each) => [each.call, each.return ?? each.call]));
  const columnOf = new Map([...times].sort((a, b) => a - b).map((time, column) => [time, column]));
  const freeFrom: { readonly client: string; time: number; readonly bars: Bar[] }[] = [];
  for (const operation of byCall) {
    const { client, call, return: returned } = operation;
    let lane = freeFrom.find((each) => each.client === client && each.time < call);
    if (!lane) {
      lane = { client, time: 0, bars: [] };
      const last = freeFrom.findLastIndex((each) => each.client === client);
      freeFrom.splice(last < 0 ? freeFrom.length : last + 1, 0, lane);
    }
    lane.time = returned ?? Infinity;
    const to = returned === null ? null : (columnOf.get(returned) ?? 0);
    lane.bars.push({ operation, lane: 0, from: columnOf.get(call) ?? 0, to });
  }
  const bars = freeFrom.flatMap((each, lane) => each.bars.map((bar) => ({ ...bar, lane })));
  return { bars, clients: freeFrom.map((each) => each.client), columns: times.size };
}
