import { ReplicationError } from "@quorate/replication";
import type { Ballot } from "../../core/ballot.ts";
import { readBallot, writeBallot } from "../../core/codec/ballot-codec.ts";
import { ByteReader } from "../../core/codec/byte-reader.ts";
import { ByteWriter } from "../../core/codec/byte-writer.ts";

/** What stands before a run of entries: all were accepted in one ballot, from one slot on. */
export interface RunHead {
  readonly ballot: Ballot;
  readonly first: number;
  /** Up to here this node knew what is decided. */
  readonly decided: number;
}

/** No kind of entry begins with this byte. */
export const RUN_BYTE = 17;

/** The entries follow as records of their own: they are written as they are. */
export function encodeRunHead({ ballot, first, decided }: RunHead): Uint8Array {
  const writer = new ByteWriter().byte(RUN_BYTE).number(first).number(decided);
  writeBallot(writer, ballot);
  return writer.finish();
}

/** @throws {ReplicationError} `damaged`. */
export function decodeRunHead(bytes: Uint8Array): RunHead {
  try {
    const reader = new ByteReader(bytes);
    reader.byte();
    const head = { first: reader.number(), decided: reader.number(), ballot: readBallot(reader) };
    reader.end();
    return head;
  } catch (cause) {
    throw new ReplicationError("damaged", "a run of entries has no head", { cause });
  }
}
