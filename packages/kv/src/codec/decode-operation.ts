import { KvError } from "../kv-error.ts";
import { MAX_OPERATIONS } from "../limits.ts";
import type {
  DecodedCommand,
  DecodedCompare,
  DecodedOperation,
  DecodedPut,
  DecodedRange,
  DecodedTransaction,
} from "../operation.ts";
import { ByteReader, malformed } from "./byte-reader.ts";
import {
  CODEC_VERSION,
  COMPARE_TARGETS,
  FLAGS,
  type Kind,
  KINDS,
  RELATIONS,
  SORT_TARGETS,
} from "./wire-numbers.ts";

/**
 * Reads a command.
 *
 * @throws {KvError} `malformed`, `unsupported-version`, or `too-many-operations` where transactions
 * are nested deeper than any that could be carried out.
 */
export function decodeCommand(bytes: Uint8Array): DecodedCommand {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const command = readCommand(reader, reader.oneOf(KINDS));
  reader.end();
  return command;
}

function readCommand(reader: ByteReader, kind: Kind): DecodedCommand {
  switch (kind) {
    case "compact":
      return { kind, revision: reader.varint() };
    case "grant-lease":
      return { kind, lease: reader.varint(), ttlSeconds: reader.varint() };
    case "revoke-lease":
      return { kind, lease: reader.varint() };
    case "disarm":
      return { kind };
    case "refused":
    case "put":
    case "delete":
    case "range":
    case "transaction":
      return readOperation(reader, kind, 0);
  }
}

function readOperation(reader: ByteReader, kind: Kind, depth: number): DecodedOperation {
  switch (kind) {
    case "put":
      return readPut(reader);
    case "delete": {
      const prevKv = readFlags(reader, FLAGS.prevKv) !== 0;
      return { kind, key: reader.byteString(), rangeEnd: reader.byteString(), prevKv };
    }
    case "range":
      return readRange(reader);
    case "transaction":
      return readTransaction(reader, depth + 1);
    case "refused":
    case "compact":
    case "grant-lease":
    case "revoke-lease":
    case "disarm":
      throw malformed(`${kind} is no operation`);
  }
}

function readPut(reader: ByteReader): DecodedPut {
  const flags = readFlags(reader, PUT_FLAGS);
  const lease = (flags & FLAGS.lease) === 0 ? 0 : reader.varint();
  // One command, one encoding.
  if (lease === 0 && (flags & FLAGS.lease) !== 0) throw malformed("a lease of 0 is none");
  return {
    kind: "put",
    key: reader.byteString(),
    value: reader.byteString(),
    lease,
    prevKv: (flags & FLAGS.prevKv) !== 0,
    ignoreValue: (flags & FLAGS.ignoreValue) !== 0,
    ignoreLease: (flags & FLAGS.ignoreLease) !== 0,
  };
}

const PUT_FLAGS = FLAGS.prevKv | FLAGS.ignoreValue | FLAGS.ignoreLease | FLAGS.lease;

function readRange(reader: ByteReader): DecodedRange {
  const flags = readFlags(reader, RANGE_FLAGS);
  const target = reader.oneOf(SORT_TARGETS);
  const limit = reader.varint();
  const hasRevisions = (flags & FLAGS.revisions) !== 0;
  return {
    kind: "range",
    keysOnly: (flags & FLAGS.keysOnly) !== 0,
    countOnly: (flags & FLAGS.countOnly) !== 0,
    sort: { target, order: (flags & FLAGS.descending) === 0 ? "ascending" : "descending" },
    limit,
    revision: hasRevisions ? reader.varint() : 0,
    minModRevision: hasRevisions ? reader.varint() : 0,
    maxModRevision: hasRevisions ? reader.varint() : 0,
    minCreateRevision: hasRevisions ? reader.varint() : 0,
    maxCreateRevision: hasRevisions ? reader.varint() : 0,
    key: reader.byteString(),
    rangeEnd: reader.byteString(),
  };
}

const RANGE_FLAGS = FLAGS.keysOnly | FLAGS.countOnly | FLAGS.descending | FLAGS.revisions;

function readTransaction(reader: ByteReader, depth: number): DecodedTransaction {
  // Each level has at least the operation that nests the next: so this bounds the recursion too.
  if (depth > MAX_OPERATIONS + 1) {
    throw new KvError("too-many-operations", `nested deeper than ${MAX_OPERATIONS}`);
  }
  return {
    kind: "transaction",
    compares: readMany(reader, () => readCompare(reader)),
    success: readMany(reader, () => readOperation(reader, reader.oneOf(KINDS), depth)),
    failure: readMany(reader, () => readOperation(reader, reader.oneOf(KINDS), depth)),
  };
}

function readMany<T>(reader: ByteReader, read: () => T): T[] {
  const many: T[] = [];
  for (let left = reader.count(); left > 0; left--) many.push(read());
  return many;
}

function readCompare(reader: ByteReader): DecodedCompare {
  const target = reader.oneOf(COMPARE_TARGETS);
  const relation = reader.oneOf(RELATIONS);
  const key = reader.byteString();
  const rangeEnd = reader.byteString();
  if (target === "value") return { target, relation, key, rangeEnd, operand: reader.byteString() };
  return { target, relation, key, rangeEnd, operand: reader.varint() };
}

function readFlags(reader: ByteReader, known: number): number {
  const flags = reader.byte();
  if ((flags & ~known) !== 0) throw malformed("a flag stands for nothing");
  return flags;
}
