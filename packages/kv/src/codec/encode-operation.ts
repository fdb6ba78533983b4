import type { BytesLike } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import type { Command, Compare, Operation, Put, Range } from "../operation.ts";
import { ByteWriter } from "./byte-writer.ts";
import {
  CODEC_VERSION,
  COMPARE_TARGETS,
  FLAGS,
  KINDS,
  RELATIONS,
  SORT_TARGETS,
} from "./wire-numbers.ts";

const writer = new ByteWriter(MAX_REQUEST_BYTES, "request-too-large");

/**
 * A command as the log carries it. Whether it can be carried out (an empty key, too many operations) is for the
 * state machine to say.
 *
 * @throws {KvError} `request-too-large`; `invalid-option` for a number that is no whole number from
 * 0 to 2^53 - 1.
 */
export function encodeCommand(command: Command): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writeCommand(command);
  });
}

function writeCommand(command: Command): void {
  switch (command.kind) {
    case "compact":
      writer.byte(KINDS.indexOf(command.kind));
      writer.varint(checked("revision", command.revision));
      return;
    case "grant-lease":
      writer.byte(KINDS.indexOf(command.kind));
      writer.varint(checked("lease", command.lease));
      writer.varint(checked("ttlSeconds", command.ttlSeconds));
      return;
    case "revoke-lease":
      writer.byte(KINDS.indexOf(command.kind));
      writer.varint(checked("lease", command.lease));
      return;
    case "disarm":
      writer.byte(KINDS.indexOf(command.kind));
      return;
    case "put":
    case "delete":
    case "range":
    case "transaction":
      writeOperation(command);
  }
}

function writeOperation(operation: Operation): void {
  writer.byte(KINDS.indexOf(operation.kind));
  switch (operation.kind) {
    case "put":
      writePut(operation);
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

function writePut({ key, value, lease = 0, prevKv, ignoreValue, ignoreLease }: Put): void {
  writer.byte(
    (prevKv ? FLAGS.prevKv : 0) |
      (ignoreValue ? FLAGS.ignoreValue : 0) |
      (ignoreLease ? FLAGS.ignoreLease : 0) |
      (lease === 0 ? 0 : FLAGS.lease),
  );
  if (lease !== 0) writer.varint(checked("lease", lease));
  writer.bytes(key);
  writer.bytes(value);
}

function writeRange(range: Range): void {
  const { limit = 0, sort, keysOnly = false, countOnly = false } = range;
  const revisions = REVISIONS.map((name) => checked(name, range[name] ?? 0));
  const hasRevisions = revisions.some((revision) => revision !== 0);
  writer.byte(
    (keysOnly ? FLAGS.keysOnly : 0) |
      (countOnly ? FLAGS.countOnly : 0) |
      (sort?.order === "descending" ? FLAGS.descending : 0) |
      (hasRevisions ? FLAGS.revisions : 0),
  );
  writer.byte(SORT_TARGETS.indexOf(sort?.target ?? "key"));
  writer.varint(checked("limit", limit));
  if (hasRevisions) for (const revision of revisions) writer.varint(revision);
  writeKeys(range);
}

const REVISIONS = [
  "revision",
  "minModRevision",
  "maxModRevision",
  "minCreateRevision",
  "maxCreateRevision",
] as const;

function writeCompare(compare: Compare): void {
  writer.byte(COMPARE_TARGETS.indexOf(compare.target));
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
