import { KvError } from "../kv-error.ts";
import { MAX_OPERATIONS } from "../limits.ts";
import type {
  DecodedCompare,
  DecodedOperation,
  DecodedRange,
  DecodedTransaction,
} from "../operation.ts";
import { ByteReader, malformed } from "./byte-reader.ts";
import { CODEC_VERSION, FLAGS, KINDS, RELATIONS, SORT_TARGETS } from "./wire-numbers.ts";

/**
 * Reads a command.
 *
 * @throws {KvError} `malformed`, `unsupported-version`, or `too-many-operations` where transactions
 * are nested deeper than any that could be carried out.
 */
export function decodeCommand(bytes: Uint8Array): DecodedOperation {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const operation = readOperation(reader, 0);
  reader.end();
  return operation;
}

function readOperation(reader: ByteReader, depth: number): DecodedOperation {
  const kind = reader.oneOf(KINDS);
  switch (kind) {
    case "put": {
      const prevKv = readFlags(reader, FLAGS.prevKv) !== 0;
      return { kind, key: reader.byteString(), value: reader.byteString(), prevKv };
    }
    case "delete": {
      const prevKv = readFlags(reader, FLAGS.prevKv) !== 0;
      return { kind, key: reader.byteString(), rangeEnd: reader.byteString(), prevKv };
    }
    case "range":
      return readRange(reader);
    case "transaction":
      return readTransaction(reader, depth + 1);
    case "refused":
      throw malformed("no operation begins with 0");
  }
}

function readRange(reader: ByteReader): DecodedRange {
  const flags = readFlags(reader, FLAGS.keysOnly | FLAGS.countOnly | FLAGS.descending);
  return {
    kind: "range",
    keysOnly: (flags & FLAGS.keysOnly) !== 0,
    countOnly: (flags & FLAGS.countOnly) !== 0,
    sort: {
      target: reader.oneOf(SORT_TARGETS),
      order: (flags & FLAGS.descending) === 0 ? "ascending" : "descending",
    },
    limit: reader.varint(),
    key: reader.byteString(),
    rangeEnd: reader.byteString(),
  };
}

function readTransaction(reader: ByteReader, depth: number): DecodedTransaction {
  // Each level has at least the operation that nests the next: so this bounds the recursion too.
  if (depth > MAX_OPERATIONS + 1) {
    throw new KvError("too-many-operations", `nested deeper than ${MAX_OPERATIONS}`);
  }
  return {
    kind: "transaction",
    compares: readMany(reader, () => readCompare(reader)),
    success: readMany(reader, () => readOperation(reader, depth)),
    failure: readMany(reader, () => readOperation(reader, depth)),
  };
}

function readMany<T>(reader: ByteReader, read: () => T): T[] {
  const many: T[] = [];
  for (let left = reader.count(); left > 0; left--) many.push(read());
  return many;
}

function readCompare(reader: ByteReader): DecodedCompare {
  const target = reader.oneOf(SORT_TARGETS);
  const relation = reader.oneOf(RELATIONS);
  const key = reader.byteString();
  const rangeEnd = reader.byteString();
  if (target === "key") throw malformed("keys are not compared");
  if (target === "value") return { target, relation, key, rangeEnd, operand: reader.byteString() };
  return { target, relation, key, rangeEnd, operand: reader.varint() };
}

function readFlags(reader: ByteReader, known: number): number {
  const flags = reader.byte();
  if ((flags & ~known) !== 0) throw malformed("a flag stands for nothing");
  return flags;
}
