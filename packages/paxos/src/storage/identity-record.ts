import type { ByteReader } from "../core/codec/byte-reader.ts";
import type { ByteWriter } from "../core/codec/byte-writer.ts";
import type { Identity } from "../core/identity.ts";
import { PaxosError } from "../paxos-error.ts";

/** To be written with what it guards, in one record: then they are lost together or not at all. */
export function writeIdentity(writer: ByteWriter, identity: Identity): void {
  const { node, birth, incarnation, votes } = identity;
  writer
    .name(node)
    .number(birth)
    .number(incarnation)
    .byte(votes ? 1 : 0);
}

/** @throws {PaxosError} `malformed`. */
export function readIdentity(reader: ByteReader): Identity {
  const node = reader.name();
  const [birth, incarnation, votes] = [reader.number(), reader.number(), reader.byte()];
  if (birth >= 1 && incarnation >= birth && votes <= 1) {
    return { node, birth, incarnation, votes: votes === 1 };
  }
  throw new PaxosError("malformed", `${node} has an identity that none is given`);
}
