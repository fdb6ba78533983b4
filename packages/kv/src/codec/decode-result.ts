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
  const result = readResult(reader, reader.oneOf(KINDS));
  reader.end();
  return result;
}

function readResult(reader: ByteReader, kind: Kind): CommandResult {
  switch (kind) {
    case "refused":
      return { kind, code: reader.oneOf(COMMAND_ERROR_CODES) };
    case "compact":
      return { kind, revision: reader.varint() };
    case "grant-lease": {
      const revision = reader.varint();
      return { kind, revision, lease: reader.varint(), ttlSeconds: reader.varint() };
    }
    case "revoke-lease":
      return { kind, revision: reader.varint(), deleted: reader.varint() };
    case "disarm":
      return { kind, revision: reader.varint(), disarmed: readBoolean(reader) };
    case "put":
    case "delete":
    case "range":
    case "transaction":
      return readOperationResult(reader, kind, 0);
  }
}

function readOperationResult(reader: ByteReader, kind: Kind, depth: number): OperationResult {
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
    case "refused":
    case "compact":
    case "grant-lease":
    case "revoke-lease":
    case "disarm":
      throw malformed(`${kind} is no part of a transaction`);
  }
}

function readMany<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const many: T[] = [];
  for (let left = reader.count(); left > 0; left--) many.push(read(reader));
  return many;
}

/** Keys and values are views on what is read. */
export function readKeyValue(reader: ByteReader): KeyValue {
  const key = reader.bytes();
  const createRevision = reader.varint();
  const modRevision = reader.varint();
  const version = reader.varint();
  const lease = reader.varint();
  return { key, createRevision, modRevision, version, lease, value: reader.bytes() };
}

function readBoolean(reader: ByteReader): boolean {
  return reader.oneOf([false, true]);
}
