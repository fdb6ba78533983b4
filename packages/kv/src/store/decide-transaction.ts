import type {
  DecodedOperation,
  DecodedPut,
  DecodedRange,
  DecodedTransaction,
} from "../operation.ts";
import { holds } from "./evaluate-compare.ts";
import { checkKept, checkLease } from "./check-put.ts";
import { checkReadable } from "./execute-range.ts";
import type { Store } from "./store.ts";

/** Which branch a transaction takes, and those within that branch, in order. */
export interface Decision {
  readonly succeeded: boolean;
  readonly branch: readonly DecodedOperation[];
  readonly nested: readonly Decision[];
}

/**
 * Decides all compares before the first write, those of inner transactions too; and then refuses, of
 * the operations that are to be done, the puts before the ranges, as etcd does.
 *
 * @throws {KvError} `key-not-found`, `lease-not-found`, `future-revision`, `compacted`.
 */
export function decide(store: Store, transaction: DecodedTransaction): Decision {
  const decision = compared(store, transaction);
  const operations = [...simpleOnes(decision)];
  for (const each of operations) if (each.kind === "put") checkPut(store, each);
  const { revision } = store;
  for (const each of operations) {
    if (each.kind === "range") checkReadable(store, each.revision, revision);
  }
  return decision;
}

function checkPut(store: Store, put: DecodedPut): void {
  checkKept(store, put);
  checkLease(store, put);
}

function compared(store: Store, transaction: DecodedTransaction): Decision {
  const succeeded = transaction.compares.every((compare) => holds(store, compare));
  const branch = succeeded ? transaction.success : transaction.failure;
  const nested: Decision[] = [];
  for (const each of branch) if (each.kind === "transaction") nested.push(compared(store, each));
  return { succeeded, branch, nested };
}

// In the order in which they are to be done: it decides which error is told.
function* simpleOnes({ branch, nested }: Decision): Generator<DecodedPut | DecodedRange> {
  let at = 0;
  for (const each of branch) {
    if (each.kind === "transaction") yield* simpleOnes(nested[at++]!);
    else if (each.kind !== "delete") yield each;
  }
}
