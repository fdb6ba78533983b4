import { isDeepStrictEqual } from "node:util";
import { requestOf } from "../orders/order.ts";
import type { StoredOrder } from "../orders/order-shard.ts";
import type { Book, BookEntry } from "./book.ts";

/** What a cluster holds after a run. */
export interface Holdings {
  readonly orders: readonly StoredOrder[];
  /** The entries of the merchants' lists, as `MERCHANT/orders/ID`. */
  readonly listed: ReadonlySet<string>;
}

/** What must not be. All zero when the cluster kept its word. */
export interface Findings {
  /** Acknowledged, and not there as it was sent, under its id, and in its merchant's list. */
  readonly lost: number;
  /** There more than once, or written more than once. */
  readonly duplicated: number;
  /** Rejected, and there. */
  readonly rejectedPresent: number;
  /** The first few, in words. */
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 5;

/**
 * Compares what callers were told with what is there: acknowledged orders exactly once, rejected
 * ones not at all, unknown ones at most once. Orders of others are passed over.
 */
export function check(book: Book, { orders, listed }: Holdings): Findings {
  const byReference = groupedByReference(orders);
  const examples: string[] = [];
  const found = { lost: 0, duplicated: 0, rejectedPresent: 0 };
  for (const entry of book) {
    const present = byReference.get(entry.request.reference) ?? [];
    for (const [fault, why] of faultsOf(entry, present, listed)) {
      found[fault]++;
      const { kind } = entry.outcome;
      examples.push(`${entry.request.reference}, ${kind} to its caller, ${why}`);
    }
  }
  return { ...found, examples: examples.slice(0, MAX_EXAMPLES) };
}

function groupedByReference(orders: readonly StoredOrder[]): Map<string, StoredOrder[]> {
  const groups = new Map<string, StoredOrder[]>();
  for (const stored of orders) {
    const { reference = "" } = stored.order;
    const group = groups.get(reference);
    if (group) group.push(stored);
    else groups.set(reference, [stored]);
  }
  return groups;
}

type Fault = readonly [fault: "lost" | "duplicated" | "rejectedPresent", why: string];

function faultsOf(
  { request, outcome }: BookEntry,
  present: readonly StoredOrder[],
  listed: ReadonlySet<string>,
): readonly Fault[] {
  const faults: Fault[] = [];
  const [first] = present;
  if (present.length > 1) faults.push(["duplicated", `is there ${present.length} times`]);
  else if (first && first.writes > 1)
    faults.push(["duplicated", `was written ${first.writes} times`]);
  if (outcome.kind === "rejected" && first) faults.push(["rejectedPresent", "is there"]);
  if (outcome.kind !== "acknowledged") return faults;
  const own = present.find(({ order }) => order.id === outcome.id);
  if (!own) faults.push(["lost", `is not there as ${outcome.id}`]);
  else if (!isDeepStrictEqual(requestOf(own.order), request))
    faults.push(["lost", "is another one"]);
  else if (!listed.has(`${request.merchantId}/orders/${outcome.id}`)) {
    faults.push(["lost", "is missing in its merchant's list"]);
  }
  return faults;
}
