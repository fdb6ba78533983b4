import { crc32 } from "node:zlib";
import type { AcceptorState } from "../../core/acceptor-state.ts";
import type { Ballot } from "../../core/ballot.ts";
import { readBallot, writeBallot } from "../../core/codec/ballot-codec.ts";
import { ByteReader } from "../../core/codec/byte-reader.ts";
import { ByteWriter } from "../../core/codec/byte-writer.ts";
import type { Identity } from "../../core/identity.ts";
import { PaxosError } from "../../paxos-error.ts";
import { readIdentity, writeIdentity } from "../../storage/identity-record.ts";
import type { Cell } from "../core/cell.ts";
import { readOptionalCellProposal, writeOptionalCellProposal } from "../core/codec/cell-codec.ts";
import { readConfig, writeConfig } from "../core/codec/config-codec.ts";
import type { RegisterConfig } from "../core/register-config.ts";

/*
 * The records of a node's log. Each begins with its CRC-32, since one that is read by its place is not
 * checked by the log, and its kind.
 */

const CRC_BYTES = 4;
const KINDS = ["meta", "state", "forgotten", "reset"] as const;
const VERSION = 1;

/** What a node must not forget besides its keys. */
export interface RegisterMeta {
  readonly identity: Identity;
  readonly config: RegisterConfig;
  readonly forgotten: Ballot;
}

/** A record of the log, as far as it is to be looked at. */
export type LogRecord =
  | { readonly kind: "meta"; readonly meta: RegisterMeta }
  | { readonly kind: "state"; readonly key: string; readonly state: AcceptorState<Cell> }
  /** The key has no state any more. */
  | { readonly kind: "forgotten"; readonly key: string }
  /** No key has any more. */
  | { readonly kind: "reset" };

/** The record is in the writer's memory, behind what that has already. */
export function encodeRecord(record: LogRecord, writer: ByteWriter = new ByteWriter()): Uint8Array {
  const start = writer.length;
  for (let at = 0; at < CRC_BYTES; at++) writer.byte(0);
  writer.byte(KINDS.indexOf(record.kind));
  switch (record.kind) {
    case "meta": {
      const { identity, config, forgotten } = record.meta;
      writeIdentity(writer.byte(VERSION), identity);
      writeConfig(writer, config);
      writeBallot(writer, forgotten);
      break;
    }
    case "state":
      writeBallot(writer.text(record.key), record.state.promised);
      writeOptionalCellProposal(writer, record.state.accepted);
      break;
    case "forgotten":
      writer.text(record.key);
      break;
    case "reset":
      break;
  }
  const bytes = writer.since(start);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, crcOf(bytes), true);
  return bytes;
}

/** Values share the memory of `bytes`. @throws {PaxosError} `malformed`. */
export function decodeRecord(bytes: Uint8Array): LogRecord {
  const { buffer, byteOffset, length } = bytes;
  const isShort = length < CRC_BYTES;
  if (isShort || new DataView(buffer, byteOffset).getUint32(0, true) !== crcOf(bytes)) {
    throw new PaxosError("malformed", "a record is not what was written");
  }
  const { kind, reader } = begin(bytes);
  const record = readBody(kind, reader);
  reader.end();
  return record;
}

/** What a record is about, without its state. */
export type RecordHead =
  | { readonly kind: "meta" | "reset" }
  | { readonly kind: "state" | "forgotten"; readonly key: string };

/** Of a record that the log has just checked: not once more. @throws {PaxosError} `malformed`. */
export function headOfRecord(bytes: Uint8Array): RecordHead {
  const { kind, reader } = begin(bytes);
  return kind === "meta" || kind === "reset" ? { kind } : { kind, key: reader.text() };
}

function begin(bytes: Uint8Array): { kind: LogRecord["kind"]; reader: ByteReader } {
  const kind = KINDS[bytes[CRC_BYTES] ?? -1];
  if (kind === undefined) throw new PaxosError("malformed", "a record is of no kind");
  return { kind, reader: new ByteReader(bytes.subarray(CRC_BYTES + 1)) };
}

function readBody(kind: LogRecord["kind"], reader: ByteReader): LogRecord {
  if (kind === "meta") {
    const version = reader.byte();
    if (version !== VERSION) {
      throw new PaxosError("malformed", `version ${version} is not known, only ${VERSION}`);
    }
    const identity = readIdentity(reader);
    const config = readConfig(reader);
    return { kind, meta: { identity, config, forgotten: readBallot(reader) } };
  }
  if (kind === "reset") return { kind };
  const key = reader.text();
  if (kind === "forgotten") return { kind, key };
  const promised = readBallot(reader);
  return { kind, key, state: { promised, accepted: readOptionalCellProposal(reader) } };
}

function crcOf(bytes: Uint8Array): number {
  return crc32(bytes.subarray(CRC_BYTES));
}
