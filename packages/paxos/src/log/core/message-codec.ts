import { type Entry, entryOf } from "@quorate/replication/driver";
import { readBallot, writeBallot } from "../../core/codec/ballot-codec.ts";
import { ByteReader } from "../../core/codec/byte-reader.ts";
import { ByteWriter } from "../../core/codec/byte-writer.ts";
import { PaxosError } from "../../paxos-error.ts";
import { decodeVoters, encodeVoters, type Life } from "./configuration.ts";
import type { DecidedConfiguration } from "./configurations.ts";
import type { Accept, Message, Promised } from "./message.ts";
import type { AcceptedSlot } from "./slot-log.ts";

/*
 * Messages as bytes: a type, then the fields in the order of their declaration. The transport's
 * handshake carries the version.
 */

const TYPES = [
  "canvass",
  "canvass-reply",
  "prepare",
  "promise",
  "trimmed",
  "nack",
  "accept",
  "accepted",
  "missing",
  "heartbeat",
  "heartbeat-reply",
  "configurations",
  "chosen",
] as const satisfies readonly Message["type"][];

const ENTRY_HEAD_BYTES = 4;

export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter().byte(TYPES.indexOf(message.type));
  if ("ballot" in message) writeBallot(writer, message.ballot);
  if ("life" in message) writer.number(message.life.birth).byte(message.life.votes ? 1 : 0);
  switch (message.type) {
    case "canvass":
      writer.number(message.round).number(message.decided);
      break;
    case "canvass-reply":
      writer.number(message.round).byte(message.granted ? 1 : 0);
      writeBallot(writer, message.promised);
      break;
    case "prepare":
      writer.number(message.from);
      break;
    case "promise":
      writer.number(message.from).number(message.next).number(message.accepted.length);
      for (const accepted of message.accepted) writer.bytes(encodeSlot(accepted));
      break;
    case "trimmed":
      writer.number(message.base);
      break;
    case "nack":
      writeBallot(writer, message.promised);
      break;
    case "accept":
      return encodeAccept(writer, message);
    case "accepted":
      writer.number(message.match);
      break;
    case "missing":
      writer.number(message.first).number(message.match);
      break;
    case "heartbeat":
    case "heartbeat-reply":
      writer.number(message.decided).number(message.readRound);
      break;
    case "configurations":
      writer.number(message.upTo).number(message.configurations.length);
      for (const { index, voters } of message.configurations) {
        writer.bytes(new ByteWriter().number(index).bytes(encodeVoters(voters)).finish());
      }
      break;
    case "chosen":
      writer.number(message.decided.length);
      for (const accepted of message.decided) writer.bytes(encodeSlot(accepted));
      break;
  }
  return writer.finish();
}

/** Reads what `encodeMessage` made; undefined for anything else. Entries share the memory of `bytes`. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  const reader = new ByteReader(bytes);
  try {
    const type = TYPES[reader.byte()];
    const message = type && decodeBody(type, reader);
    reader.end();
    return message;
  } catch (error) {
    // Of another program, or a SyntaxError where voters should be.
    if (error instanceof PaxosError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decodeBody(type: (typeof TYPES)[number], reader: ByteReader): Message {
  switch (type) {
    case "canvass":
      return { type, round: reader.number(), decided: reader.number() };
    case "canvass-reply": {
      const life = readLife(reader);
      const round = reader.number();
      return { type, life, round, granted: reader.byte() === 1, promised: readBallot(reader) };
    }
    case "prepare":
      return { type, ballot: readBallot(reader), from: reader.number() };
    case "promise":
      return decodePromise(reader);
    case "trimmed":
      return { type, ballot: readBallot(reader), base: reader.number() };
    case "nack":
      return { type, ballot: readBallot(reader), promised: readBallot(reader) };
    case "accept":
      return decodeAccept(reader);
    case "accepted":
      return { type, ballot: readBallot(reader), life: readLife(reader), match: reader.number() };
    case "missing": {
      const [ballot, life] = [readBallot(reader), readLife(reader)];
      return { type, ballot, life, first: reader.number(), match: reader.number() };
    }
    case "heartbeat": {
      const ballot = readBallot(reader);
      return { type, ballot, decided: reader.number(), readRound: reader.number() };
    }
    case "heartbeat-reply": {
      const [ballot, life] = [readBallot(reader), readLife(reader)];
      return { type, ballot, life, decided: reader.number(), readRound: reader.number() };
    }
    case "configurations": {
      const upTo = reader.number();
      const configurations: DecidedConfiguration[] = [];
      for (let left = reader.number(); left > 0; left--) {
        const one = new ByteReader(reader.bytes());
        configurations.push({ index: one.number(), voters: decodeVoters(one.bytes()) });
      }
      return { type, upTo, configurations };
    }
    case "chosen":
      return { type, decided: readSlots(reader) };
  }
}

function readLife(reader: ByteReader): Life {
  return { birth: reader.number(), votes: reader.byte() === 1 };
}

/** The one that is large and frequent: its memory is had at once, and not by doubling. */
function encodeAccept(writer: ByteWriter, { first, decided, entries }: Accept): Uint8Array {
  const head = writer.number(first).number(decided).number(entries.length).finish();
  let length = head.length;
  for (const { record } of entries) length += ENTRY_HEAD_BYTES + record.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(head);
  let at = head.length;
  for (const { record } of entries) {
    view.setUint32(at, record.length, true);
    bytes.set(record, at + ENTRY_HEAD_BYTES);
    at += ENTRY_HEAD_BYTES + record.length;
  }
  return bytes;
}

function encodeSlot({ slot, ballot, entry }: AcceptedSlot): Uint8Array {
  const writer = new ByteWriter().number(slot);
  writeBallot(writer, ballot);
  return writer.bytes(entry.record).finish();
}

function decodeAccept(reader: ByteReader): Accept {
  const ballot = readBallot(reader);
  const first = reader.number();
  const decided = reader.number();
  const entries: Entry[] = [];
  for (let left = reader.number(); left > 0; left--) entries.push(readEntry(reader));
  return { type: "accept", ballot, first, entries, decided };
}

function decodePromise(reader: ByteReader): Promised {
  const [ballot, life] = [readBallot(reader), readLife(reader)];
  const from = reader.number();
  const next = reader.number();
  return { type: "promise", ballot, life, from, next, accepted: readSlots(reader) };
}

function readSlots(reader: ByteReader): readonly AcceptedSlot[] {
  const slots: AcceptedSlot[] = [];
  for (let left = reader.number(); left > 0; left--) {
    const one = new ByteReader(reader.bytes());
    slots.push({ slot: one.number(), ballot: readBallot(one), entry: readEntry(one) });
  }
  return slots;
}

function readEntry(reader: ByteReader): Entry {
  const entry = entryOf(reader.bytes());
  if (entry) return entry;
  throw new PaxosError("malformed", "a record is not an entry");
}
