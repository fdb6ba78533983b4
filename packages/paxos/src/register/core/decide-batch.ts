import { type Cell, type Mark, written } from "./cell.ts";
import type { Operation } from "./operation.ts";
import type { RegisterOutcome } from "./outcome.ts";

/** How an operation ends once the ballot that it is in has chosen. */
export interface Settlement {
  readonly operation: Operation;
  readonly outcome: RegisterOutcome<unknown>;
}

/** What a batch of operations, one after the other, makes of a cell. */
export interface DecidedBatch {
  /** The very same cell when nothing has changed it. */
  readonly cell: Cell | undefined;
  readonly settlements: readonly Settlement[];
}

/**
 * Carries out operations on one key in their order. Each that changes something gets a mark of its
 * own, so that no two values have the same version; the cell keeps the last.
 *
 * @param forgotten See `written`.
 */
export function decideBatch(
  before: Cell | undefined,
  operations: readonly Operation[],
  nextMark: () => Mark,
  forgotten: number,
): DecidedBatch {
  let value = before?.value;
  let mark = before?.marks[0];
  let isChanged = false;
  const settlements: Settlement[] = [];
  for (const operation of operations) {
    const decision = operation.decide({ value, mark });
    switch (decision.kind) {
      case "refuse":
        settlements.push({ operation, outcome: decision.outcome });
        break;
      case "keep":
        settlements.push({ operation, outcome: { kind: "committed", result: decision.result } });
        break;
      case "change": {
        isChanged = true;
        value = decision.value;
        mark = nextMark();
        const result = decision.result(mark);
        settlements.push({ operation, outcome: { kind: "committed", result } });
      }
    }
  }
  const cell = isChanged ? written(before, value, mark!, forgotten) : before;
  return { cell, settlements };
}
