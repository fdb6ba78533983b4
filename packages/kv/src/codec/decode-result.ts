import { COMMAND_ERROR_CODES, KvError } from "../kv-error.ts";
import { MAX_OPERATIONS } from "../limits.ts";
import type { CommandResult, KeyValue, OperationResult } from "../operation-result.ts";
import { ByteReader, malformed } from "./byte-reader.ts";
import { CODEC_VERSION, type Kind, KINDS } from "./wire-numbers.ts";

/**
 * Reads what a command answered. Keys and values are views on `bytes`.
 *
 * @throws {KvError} `malformed`, `unsupported-version`.
 */
export function decodeResult(bytes: Uint8Array): CommandResult {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const kind = reader.oneOf(KINDS);
  const result: CommandResult =
    kind === "refused"
      ? { kind, code: reader.oneOf(COMMAND_ERROR_CODES) }
      : readOperationResult(reader, kind, 0);
  reader.end();
  return result;
}

function readOperationResult(reader: ByteReader, kind: Kind, depth: number): OperationResult {
  if (kind === "refused") throw malformed("a part of a transaction cannot be refused");
  if (depth > MAX_OPERATIONS + 1) throw malformed(`nested deeper than ${MAX_OPERATIONS}`);
  const revision = reader.varint();
  switch (kind) {
    case "put":
      return { kind, revision, prevKv: readMany(reader, readKeyValue)[0] };
    case "delete":
      return { kind, revision, deleted: reader.varint(), prevKvs: readMany(reader, readKeyValue) };
    case "range": {
      const more = readBoolean(reader);
      return { kind, revision, more, count: reader.varint(), kvs: readMany(reader, readKeyValue) };
    }
    case "transaction": {
      const succeeded = readBoolean(reader);
      const read = (): OperationResult =>
        readOperationResult(reader, reader.oneOf(KINDS), depth + 1);
      return { kind, revision, succeeded, results: readMany(reader, read) };
    }
  }
}

function readMany<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const many: T[] = [];
  for (let left = reader.count(); left > 0; left--) many.push(read(reader));
  return many;
}

function readKeyValue(reader: ByteReader): KeyValue {
  const key = reader.bytes();
  const createRevision = reader.varint();
  const modRevision = reader.varint();
  const version = reader.varint();
  return { key, createRevision, modRevision, version, value: reader.bytes() };
}

function readBoolean(reader: ByteReader): boolean {
  return reader.oneOf([false, true]);
}
