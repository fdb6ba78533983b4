import type { ByteString } from "../byte-string.ts";
import { COMMAND_ERROR_CODES } from "../kv-error.ts";
import type { CommandResult, KeyValue, OperationResult } from "../operation-result.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { CODEC_VERSION, KINDS } from "./wire-numbers.ts";

/** Writes what a command answered. */
export function writeResult(writer: ByteWriter, result: CommandResult<ByteString>): void {
  writer.byte(CODEC_VERSION);
  switch (result.kind) {
    case "put":
    case "delete":
    case "range":
    case "transaction":
      return writeOperationResult(writer, result);
    case "refused":
      writer.byte(KINDS.indexOf("refused"));
      writer.byte(COMMAND_ERROR_CODES.indexOf(result.code));
      return;
    case "compact":
    case "grant-lease":
    case "revoke-lease":
    case "disarm":
      writer.byte(KINDS.indexOf(result.kind));
      writer.varint(result.revision);
  }
  if (result.kind === "grant-lease") {
    writer.varint(result.lease);
    writer.varint(result.ttlSeconds);
  }
  if (result.kind === "revoke-lease") writer.varint(result.deleted);
  if (result.kind === "disarm") writer.byte(result.disarmed ? 1 : 0);
}

function writeOperationResult(writer: ByteWriter, result: OperationResult<ByteString>): void {
  writer.byte(KINDS.indexOf(result.kind));
  writer.varint(result.revision);
  switch (result.kind) {
    case "put":
      writeKeyValues(writer, result.prevKv ? [result.prevKv] : NONE);
      return;
    case "delete":
      writer.varint(result.deleted);
      writeKeyValues(writer, result.prevKvs);
      return;
    case "range":
      writer.byte(result.more ? 1 : 0);
      writer.varint(result.count);
      writeKeyValues(writer, result.kvs);
      return;
    case "transaction":
      writer.byte(result.succeeded ? 1 : 0);
      writer.varint(result.results.length);
      for (const each of result.results) writeOperationResult(writer, each);
  }
}

const NONE: readonly KeyValue<ByteString>[] = [];

function writeKeyValues(writer: ByteWriter, kvs: readonly KeyValue<ByteString>[]): void {
  writer.varint(kvs.length);
  for (const kv of kvs) writeKeyValue(writer, kv);
}

export function writeKeyValue(writer: ByteWriter, kv: KeyValue<ByteString>): void {
  writer.byteString(kv.key);
  writer.varint(kv.createRevision);
  writer.varint(kv.modRevision);
  writer.varint(kv.version);
  writer.varint(kv.lease);
  writer.byteString(kv.value);
}
