import { readBallot, writeBallot } from "../../../core/codec/ballot-codec.ts";
import { NO_BALLOT } from "../../../core/ballot.ts";
import type { ByteReader } from "../../../core/codec/byte-reader.ts";
import type { ByteWriter } from "../../../core/codec/byte-writer.ts";
import type { Proposal } from "../../../core/proposal.ts";
import { PaxosError } from "../../../paxos-error.ts";
import { type Cell, type Mark, MAX_MARKS } from "../cell.ts";
import { ValueSlab } from "./value-slab.ts";

const SLAB = new ValueSlab();

/** Bit 7 of the count of marks: whether there is a value. */
const HAS_VALUE = 0x80;

function writeCell(writer: ByteWriter, { value, marks, forgotten }: Cell): void {
  writer.byte(marks.length | (value ? HAS_VALUE : 0)).number(forgotten);
  for (const { incarnation, sequence } of marks) writer.number(incarnation).number(sequence);
  if (value) writer.bytes(value);
}

/** The value is a copy, since it may be kept for long. @throws {PaxosError} `malformed`. */
function readCell(reader: ByteReader): Cell {
  const head = reader.byte();
  const forgotten = reader.number();
  const count = head & ~HAS_VALUE;
  if (count > MAX_MARKS) throw new PaxosError("malformed", `${count} marks are too many`);
  const marks: Mark[] = [];
  for (let left = count; left > 0; left--) {
    marks.push({ incarnation: reader.number(), sequence: reader.number() });
  }
  return { value: head & HAS_VALUE ? SLAB.copy(reader.bytes()) : undefined, marks, forgotten };
}

export function writeCellProposal(writer: ByteWriter, { ballot, value }: Proposal<Cell>): void {
  writeBallot(writer, ballot);
  writeCell(writer, value);
}

/** @throws {PaxosError} `malformed`. */
export function readCellProposal(reader: ByteReader): Proposal<Cell> {
  const ballot = readBallot(reader);
  if (ballot !== NO_BALLOT) return { ballot, value: readCell(reader) };
  throw new PaxosError("malformed", "a proposal has no ballot");
}

/** A proposal or nothing: a byte says which. */
export function writeOptionalCellProposal(
  writer: ByteWriter,
  proposal: Proposal<Cell> | undefined,
): void {
  writer.byte(proposal ? 1 : 0);
  if (proposal) writeCellProposal(writer, proposal);
}

/** @throws {PaxosError} `malformed`. */
export function readOptionalCellProposal(reader: ByteReader): Proposal<Cell> | undefined {
  const kind = reader.byte();
  if (kind > 1) throw new PaxosError("malformed", `${kind} is neither a proposal nor none`);
  return kind === 1 ? readCellProposal(reader) : undefined;
}
