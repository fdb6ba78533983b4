import type { BytesLike } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import type { Compare, Operation, Range } from "../operation.ts";
import { ByteWriter } from "./byte-writer.ts";
import { CODEC_VERSION, FLAGS, KINDS, RELATIONS, SORT_TARGETS } from "./wire-numbers.ts";

const writer = new ByteWriter(MAX_REQUEST_BYTES, "request-too-large");

/**
 * A command as the log carries it. Whether it can be carried out (an empty key, too many operations) is for the
 * state machine to say.
 *
 * @throws {KvError} `request-too-large`; `invalid-option` for a number that is no whole number from
 * 0 to 2^53 - 1.
 */
export function encodeCommand(operation: Operation): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writeOperation(operation);
  });
}

function writeOperation(operation: Operation): void {
  writer.byte(KINDS.indexOf(operation.kind));
  switch (operation.kind) {
    case "put":
      writer.byte(operation.prevKv ? FLAGS.prevKv : 0);
      writer.bytes(operation.key);
      writer.bytes(operation.value);
      return;
    case "delete":
      writer.byte(operation.prevKv ? FLAGS.prevKv : 0);
      writeKeys(operation);
      return;
    case "range":
      writeRange(operation);
      return;
    case "transaction":
      writer.varint(operation.compares.length);
      for (const compare of operation.compares) writeCompare(compare);
      for (const branch of [operation.success, operation.failure]) {
        writer.varint(branch.length);
        for (const each of branch) writeOperation(each);
      }
  }
}

function writeRange(range: Range): void {
  const { limit = 0, sort, keysOnly = false, countOnly = false } = range;
  writer.byte(
    (keysOnly ? FLAGS.keysOnly : 0) |
      (countOnly ? FLAGS.countOnly : 0) |
      (sort?.order === "descending" ? FLAGS.descending : 0),
  );
  writer.byte(SORT_TARGETS.indexOf(sort?.target ?? "key"));
  writer.varint(checked("limit", limit));
  writeKeys(range);
}

function writeCompare(compare: Compare): void {
  writer.byte(SORT_TARGETS.indexOf(compare.target));
  writer.byte(RELATIONS.indexOf(compare.relation));
  writeKeys(compare);
  if (compare.target === "value") writer.bytes(compare.operand);
  else writer.varint(checked(compare.target, compare.operand));
}

function writeKeys(keys: { key: BytesLike; rangeEnd?: BytesLike }): void {
  writer.bytes(keys.key);
  writer.bytes(keys.rangeEnd ?? "");
}

function checked(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new KvError("invalid-option", `${name} must be a whole number from 0, not ${value}`);
}
