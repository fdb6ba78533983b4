import type { CallOutcome } from "../load/http-caller.ts";
import type { OrderRequest } from "../orders/order.ts";

/** An order that was sent, and what its caller knows of it. */
export interface BookEntry {
  readonly request: OrderRequest & { readonly reference: string };
  /** Whether it was put under an id of its caller, and so may be sent twice. */
  readonly isIdempotent: boolean;
  readonly outcome: CallOutcome;
}

/** What the callers know after a run, against which the cluster is checked. */
export type Book = readonly BookEntry[];

export function count(book: Book, kind: CallOutcome["kind"]): number {
  return book.filter(({ outcome }) => outcome.kind === kind).length;
}
