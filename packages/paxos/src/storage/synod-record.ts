import type { AcceptorState } from "../core/acceptor-state.ts";
import {
  readBallot,
  readOptionalProposal,
  writeBallot,
  writeOptionalProposal,
} from "../core/codec/ballot-codec.ts";
import { ByteReader } from "../core/codec/byte-reader.ts";
import { ByteWriter } from "../core/codec/byte-writer.ts";
import type { Identity } from "../core/identity.ts";
import { PaxosError } from "../paxos-error.ts";
import { readIdentity, writeIdentity } from "./identity-record.ts";

const VERSION = 1;

/** All that a node of the Synod must not forget. */
export interface SynodRecord {
  readonly identity: Identity;
  readonly state: AcceptorState<Uint8Array>;
}

export function encodeSynodRecord({ identity, state }: SynodRecord): Uint8Array {
  const writer = new ByteWriter().byte(VERSION);
  writeIdentity(writer, identity);
  writeBallot(writer, state.promised);
  writeOptionalProposal(writer, state.accepted);
  return writer.finish();
}

/** @throws {PaxosError} `malformed`. */
export function decodeSynodRecord(bytes: Uint8Array): SynodRecord {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) {
    throw new PaxosError(
      "malformed",
      `version ${version} of records is not known, only ${VERSION}`,
    );
  }
  const identity = readIdentity(reader);
  const state = { promised: readBallot(reader), accepted: readOptionalProposal(reader) };
  reader.end();
  return { identity, state };
}
