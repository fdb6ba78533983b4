import { PaxosError } from "../../paxos-error.ts";
import { type Ballot, NO_BALLOT } from "../ballot.ts";
import type { Proposal } from "../proposal.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Round, incarnation, node. */
export function writeBallot(writer: ByteWriter, { round, incarnation, node }: Ballot): void {
  writer.number(round).number(incarnation).name(node);
}

/**
 * Also `NO_BALLOT`, which an acceptor may have promised.
 *
 * @throws {PaxosError} `malformed`.
 */
export function readBallot(reader: ByteReader): Ballot {
  const ballot = { round: reader.number(), incarnation: reader.number(), node: reader.name() };
  if (ballot.round > 0 && ballot.node !== "") return ballot;
  if (ballot.round === 0 && ballot.node === "" && ballot.incarnation === 0) return NO_BALLOT;
  throw new PaxosError("malformed", `${ballot.round}.${ballot.node} is not a ballot`);
}

/** A proposal of bytes. */
export function writeProposal(writer: ByteWriter, { ballot, value }: Proposal<Uint8Array>): void {
  writeBallot(writer, ballot);
  writer.bytes(value);
}

/** The value shares the memory. @throws {PaxosError} `malformed`. */
export function readProposal(reader: ByteReader): Proposal<Uint8Array> {
  const ballot = readBallot(reader);
  if (ballot !== NO_BALLOT) return { ballot, value: reader.bytes() };
  throw new PaxosError("malformed", "a proposal has no ballot");
}

/** A proposal or nothing: a byte says which. */
export function writeOptionalProposal(
  writer: ByteWriter,
  proposal: Proposal<Uint8Array> | undefined,
): void {
  writer.byte(proposal ? 1 : 0);
  if (proposal) writeProposal(writer, proposal);
}

/** @throws {PaxosError} `malformed`. */
export function readOptionalProposal(reader: ByteReader): Proposal<Uint8Array> | undefined {
  const kind = reader.byte();
  if (kind > 1) throw new PaxosError("malformed", `${kind} is neither a proposal nor none`);
  return kind === 1 ? readProposal(reader) : undefined;
}
