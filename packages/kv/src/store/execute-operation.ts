import type { ByteString } from "../byte-string.ts";
import type {
  DeleteResult,
  OperationResult,
  PutResult,
  TransactionResult,
} from "../operation-result.ts";
import type { DecodedDelete, DecodedOperation, DecodedPut } from "../operation.ts";
import { checkKept, checkLease } from "./check-put.ts";
import { type Decision, decide } from "./decide-transaction.ts";
import { executeRange } from "./execute-range.ts";
import type { Store } from "./store.ts";

/**
 * Does an operation that was checked, within the store's transaction under way.
 *
 * @throws {KvError} `lease-not-found`, `key-not-found`, `future-revision`, `compacted`: then the
 * transaction must be rolled back.
 */
export function executeOperation(
  store: Store,
  operation: DecodedOperation,
): OperationResult<ByteString> {
  switch (operation.kind) {
    case "put":
      checkLease(store, operation);
      return executePut(store, operation);
    case "delete":
      return executeDelete(store, operation);
    case "range":
      return executeRange(store, operation);
    case "transaction":
      return executeTransaction(store, decide(store, operation));
  }
}

function executePut(store: Store, put: DecodedPut): PutResult<ByteString> {
  let { value, lease } = put;
  if (put.ignoreValue || put.ignoreLease) {
    checkKept(store, put);
    const kept = store.reads.get(put.key)!;
    if (put.ignoreValue) ({ value } = kept);
    if (put.ignoreLease) ({ lease } = kept);
  }
  const before = store.put(put.key, value, lease);
  return { kind: "put", revision: store.revision, prevKv: put.prevKv ? before : undefined };
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

function executeTransaction(
  store: Store,
  { succeeded, branch, nested }: Decision,
): TransactionResult<ByteString> {
  const results: OperationResult<ByteString>[] = [];
  let at = 0;
  for (const each of branch) {
    if (each.kind === "transaction") {
      results.push(executeTransaction(store, nested[at++] as Decision));
    } else {
      results.push(executeOperation(store, each));
    }
  }
  return { kind: "transaction", revision: store.revision, succeeded, results };
}
