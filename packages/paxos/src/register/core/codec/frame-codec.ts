import type { Ballot } from "../../../core/ballot.ts";
import { readBallot, writeBallot } from "../../../core/codec/ballot-codec.ts";
import { ByteReader } from "../../../core/codec/byte-reader.ts";
import { ByteWriter } from "../../../core/codec/byte-writer.ts";
import { PaxosError } from "../../../paxos-error.ts";
import type { Frame } from "../frame.ts";
import type { Item } from "../item.ts";
import {
  readCellProposal,
  readOptionalCellProposal,
  writeCellProposal,
  writeOptionalCellProposal,
} from "./cell-codec.ts";
import { readConfig, writeConfig } from "./config-codec.ts";

/** The first byte of each frame; its kind and, of items and epochs, the epoch follow. */
const VERSION = 1;
const KINDS = ["items", "epoch", "config"] as const satisfies readonly Frame["kind"][];

/** The first byte of each item says its type: its place in this list. */
const TYPES = [
  "prepare",
  "accept",
  "query",
  "forget",
  "promise",
  "accepted",
  "answer",
  "forgotten",
  "nack",
] as const satisfies readonly Item["type"][];

/**
 * In pieces of up to `maxBytes` each, since the items of one turn may be many. An item that is larger
 * is a piece of its own. The pieces are copies: `writer` may be used again for the next frame.
 */
export function encodeFrame(
  frame: Frame,
  maxBytes: number,
  writer: ByteWriter = new ByteWriter(),
): readonly Uint8Array[] {
  begin(writer, frame);
  if (frame.kind === "config") writeConfig(writer, frame.config);
  if (frame.kind !== "items") return [writer.since(0).slice()];
  const pieces: Uint8Array[] = [];
  const headBytes = writer.length;
  for (const item of frame.items) {
    const { length } = writer;
    writeItem(writer, item);
    if (writer.length <= maxBytes || length === headBytes) continue;
    pieces.push(writer.since(0).slice(0, length));
    begin(writer, frame);
    writeItem(writer, item);
  }
  pieces.push(writer.since(0).slice());
  return pieces;
}

/** @throws {PaxosError} `malformed`. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) {
    throw new PaxosError("malformed", `version ${version} of frames is not known, only ${VERSION}`);
  }
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new PaxosError("malformed", "no frame is of this kind");
  const frame = readFrame(kind, reader);
  reader.end();
  return frame;
}

function begin(writer: ByteWriter, frame: Frame): void {
  writer.cutTo(0);
  writer.byte(VERSION).byte(KINDS.indexOf(frame.kind));
  if (frame.kind !== "config") writer.number(frame.epoch);
}

function readFrame(kind: Frame["kind"], reader: ByteReader): Frame {
  if (kind === "config") return { kind, config: readConfig(reader) };
  const epoch = reader.number();
  if (kind === "epoch") return { kind, epoch };
  const items: Item[] = [];
  while (!reader.isAtEnd) items.push(readItem(reader));
  return { kind, epoch, items };
}

function writeItem(writer: ByteWriter, item: Item): void {
  writer.byte(TYPES.indexOf(item.type)).number(item.id);
  switch (item.type) {
    case "prepare":
    case "forget":
      return writeBallot(writer.text(item.key), item.ballot);
    case "accept":
      writeCellProposal(writer.text(item.key), item.proposal);
      // The next ballot is the same node's, in the same life.
      writer.number(item.next?.round ?? 0);
      return;
    case "query":
      writer.text(item.key);
      return;
    case "promise":
      writeBallot(writer.number(item.forgotten), item.ballot);
      return writeOptionalCellProposal(writer, item.accepted);
    case "accepted":
      return writeBallot(writer.byte(item.promisedNext ? 1 : 0), item.ballot);
    case "answer":
      return writeOptionalCellProposal(writer, item.accepted);
    case "forgotten":
      return writeBallot(writer, item.ballot);
    case "nack":
      writeBallot(writer, item.ballot);
      return writeBallot(writer, item.promised);
  }
}

function readItem(reader: ByteReader): Item {
  const type = TYPES[reader.byte()];
  const id = reader.number();
  switch (type) {
    case "prepare":
    case "forget":
      return { type, id, key: reader.text(), ballot: readBallot(reader) };
    case "accept": {
      const [key, proposal, round] = [reader.text(), readCellProposal(reader), reader.number()];
      const next: Ballot | undefined = round > 0 ? { ...proposal.ballot, round } : undefined;
      return { type, id, key, proposal, next };
    }
    case "query":
      return { type, id, key: reader.text() };
    case "promise": {
      const [forgotten, ballot] = [reader.number(), readBallot(reader)];
      return { type, id, ballot, accepted: readOptionalCellProposal(reader), forgotten };
    }
    case "accepted":
      return { type, id, promisedNext: reader.byte() === 1, ballot: readBallot(reader) };
    case "answer":
      return { type, id, accepted: readOptionalCellProposal(reader) };
    case "forgotten":
      return { type, id, ballot: readBallot(reader) };
    case "nack":
      return { type, id, ballot: readBallot(reader), promised: readBallot(reader) };
    default:
      throw new PaxosError("malformed", "no item has this type");
  }
}
