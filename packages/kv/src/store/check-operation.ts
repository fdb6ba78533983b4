import type { ByteString } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";
import { MAX_OPERATIONS } from "../limits.ts";
import type { DecodedOperation, DecodedPut, DecodedTransaction } from "../operation.ts";

/**
 * Refuses what etcd refuses before it looks at the state, in its order: too many operations, empty
 * keys, puts that both keep and give, keys that are written twice.
 *
 * @throws {KvError} `empty-key`, `too-many-operations`, `value-provided`, `lease-provided`,
 * `key-too-large`, `duplicate-key`.
 */
export function checkOperation(operation: DecodedOperation, maxKeyBytes: number): void {
  checkShape(operation, MAX_OPERATIONS, maxKeyBytes);
  if (operation.kind !== "transaction") return;
  writtenBy(operation.success);
  writtenBy(operation.failure);
}

/** `budget` is how many operations may still be within. */
function checkShape(operation: DecodedOperation, budget: number, maxKeyBytes: number): void {
  if (operation.kind !== "transaction") {
    checkKey(operation.key, maxKeyBytes);
    if (operation.kind !== "put" && operation.rangeEnd.length > maxKeyBytes) {
      throw keyTooLarge(maxKeyBytes);
    }
    if (operation.kind === "put") checkPut(operation);
    return;
  }
  const { compares, success, failure } = operation;
  const most = Math.max(compares.length, success.length, failure.length);
  if (most > budget) {
    throw new KvError("too-many-operations", `more than ${MAX_OPERATIONS} in a transaction`);
  }
  for (const { key } of compares) checkKey(key, maxKeyBytes);
  for (const each of success) checkShape(each, budget - most, maxKeyBytes);
  for (const each of failure) checkShape(each, budget - most, maxKeyBytes);
}

function checkKey(key: ByteString, maxKeyBytes: number): void {
  if (key === "") throw new KvError("empty-key", "a key needs at least one byte");
  if (key.length > maxKeyBytes) throw keyTooLarge(maxKeyBytes);
}

function keyTooLarge(maxKeyBytes: number): KvError {
  return new KvError("key-too-large", `the engine takes keys of ${maxKeyBytes} bytes`);
}

function checkPut({ value, lease, ignoreValue, ignoreLease }: DecodedPut): void {
  if (ignoreValue && value !== "") {
    throw new KvError("value-provided", "a put that keeps the value gives one");
  }
  if (ignoreLease && lease !== 0) {
    throw new KvError("lease-provided", "a put that keeps the lease gives one");
  }
}

interface Written {
  readonly puts: Set<ByteString>;
  readonly deletes: Deletion[];
}

interface Deletion {
  readonly key: ByteString;
  readonly rangeEnd: ByteString;
}

/**
 * What operations put and delete, with those of transactions within, whichever branch they take. As
 * in etcd, two deletes of a key are no conflict, nor are puts in the two branches of one transaction;
 * and a delete "from the key on" conflicts with nothing, since its end, a zero byte, is before all
 * keys.
 */
function writtenBy(operations: readonly DecodedOperation[]): Written {
  const deletes = operations.filter((operation) => operation.kind === "delete") as Deletion[];
  const puts = new Set<ByteString>();
  for (const operation of operations) {
    if (operation.kind === "transaction") addNested(operation, puts, deletes);
  }
  for (const operation of operations) {
    if (operation.kind === "put") addPut(operation.key, puts, deletes);
  }
  return { puts, deletes };
}

function addNested(
  transaction: DecodedTransaction,
  puts: Set<ByteString>,
  deletes: Deletion[],
): void {
  const success = writtenBy(transaction.success);
  const failure = writtenBy(transaction.failure);
  for (const key of success.puts) addPut(key, puts, deletes);
  for (const key of failure.puts) {
    // Only one of the branches will run.
    if (!success.puts.has(key)) addPut(key, puts, deletes);
  }
  deletes.push(...success.deletes, ...failure.deletes);
}

function addPut(key: ByteString, puts: Set<ByteString>, deletes: readonly Deletion[]): void {
  const isDeleted = deletes.some((deletion) =>
    deletion.rangeEnd === ""
      ? key === deletion.key
      : key >= deletion.key && key < deletion.rangeEnd,
  );
  if (isDeleted || puts.has(key)) {
    throw new KvError("duplicate-key", "a transaction writes a key twice");
  }
  puts.add(key);
}
