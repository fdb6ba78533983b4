import { PaxosError } from "../../paxos-error.ts";
import {
  readBallot,
  readOptionalProposal,
  readProposal,
  writeBallot,
  writeOptionalProposal,
  writeProposal,
} from "../codec/ballot-codec.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import type { Message } from "./message.ts";

/** The first byte of each message. */
const VERSION = 1;

/** The second byte says the type: its place in this list. */
const TYPES = [
  "prepare",
  "promise",
  "accept",
  "accepted",
  "nack",
  "learn",
  "chosen",
] as const satisfies readonly Message<Uint8Array>["type"][];

export function encodeMessage(message: Message<Uint8Array>): Uint8Array {
  const writer = new ByteWriter().byte(VERSION).byte(TYPES.indexOf(message.type));
  switch (message.type) {
    case "prepare":
      writeBallot(writer, message.ballot);
      break;
    case "promise":
      writeBallot(writer, message.ballot);
      writeOptionalProposal(writer, message.accepted);
      break;
    case "accept":
    case "accepted":
      writeProposal(writer, message.proposal);
      break;
    case "nack":
      writeBallot(writer, message.ballot);
      writeBallot(writer, message.promised);
      break;
    case "learn":
      break;
    case "chosen":
      writer.bytes(message.value);
      break;
  }
  return writer.finish();
}

/** Values share the memory of `bytes`. @throws {PaxosError} `malformed`. */
export function decodeMessage(bytes: Uint8Array): Message<Uint8Array> {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) {
    throw new PaxosError(
      "malformed",
      `version ${version} of messages is not known, only ${VERSION}`,
    );
  }
  const type = TYPES[reader.byte()];
  if (type === undefined) throw new PaxosError("malformed", "no message has this type");
  const message = readBody(type, reader);
  reader.end();
  return message;
}

function readBody(type: (typeof TYPES)[number], reader: ByteReader): Message<Uint8Array> {
  switch (type) {
    case "prepare":
      return { type, ballot: readBallot(reader) };
    case "promise":
      return { type, ballot: readBallot(reader), accepted: readOptionalProposal(reader) };
    case "accept":
    case "accepted":
      return { type, proposal: readProposal(reader) };
    case "nack":
      return { type, ballot: readBallot(reader), promised: readBallot(reader) };
    case "learn":
      return { type };
    case "chosen":
      return { type, value: reader.bytes() };
  }
}
