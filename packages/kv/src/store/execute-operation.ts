import type { ByteString } from "../byte-string.ts";
import type {
  DeleteResult,
  OperationResult,
  PutResult,
  TransactionResult,
} from "../operation-result.ts";
import type {
  DecodedDelete,
  DecodedOperation,
  DecodedPut,
  DecodedTransaction,
} from "../operation.ts";
import { holds } from "./evaluate-compare.ts";
import { executeRange } from "./execute-range.ts";
import type { Store } from "./store.ts";

/** Does an operation that was checked, within the store's transaction under way. */
export function executeOperation(
  store: Store,
  operation: DecodedOperation,
): OperationResult<ByteString> {
  switch (operation.kind) {
    case "put":
      return executePut(store, operation);
    case "delete":
      return executeDelete(store, operation);
    case "range":
      return executeRange(store, operation);
    case "transaction":
      return executeTransaction(store, operation, decide(store, operation));
  }
}

function executePut(store: Store, { key, value, prevKv }: DecodedPut): PutResult<ByteString> {
  const before = store.put(key, value);
  return { kind: "put", revision: store.revision, prevKv: prevKv ? before : undefined };
}

function executeDelete(store: Store, operation: DecodedDelete): DeleteResult<ByteString> {
  const deleted = store.delete(operation.key, operation.rangeEnd);
  return {
    kind: "delete",
    revision: store.revision,
    deleted: deleted.length,
    prevKvs: operation.prevKv ? deleted : [],
  };
}

/** Which branch a transaction takes, and those within that branch, in order. */
interface Decision {
  readonly succeeded: boolean;
  readonly nested: readonly Decision[];
}

// All compares come before the first write, those of inner transactions too.
function decide(store: Store, transaction: DecodedTransaction): Decision {
  const succeeded = transaction.compares.every((compare) => holds(store, compare));
  const nested: Decision[] = [];
  for (const each of succeeded ? transaction.success : transaction.failure) {
    if (each.kind === "transaction") nested.push(decide(store, each));
  }
  return { succeeded, nested };
}

function executeTransaction(
  store: Store,
  transaction: DecodedTransaction,
  { succeeded, nested }: Decision,
): TransactionResult<ByteString> {
  const results: OperationResult<ByteString>[] = [];
  let at = 0;
  for (const each of succeeded ? transaction.success : transaction.failure) {
    results.push(
      each.kind === "transaction"
        ? executeTransaction(store, each, nested[at++] as Decision)
        : executeOperation(store, each),
    );
  }
  return { kind: "transaction", revision: store.revision, succeeded, results };
}
