import { readBallot, writeBallot } from "../../../core/codec/ballot-codec.ts";
import { ByteReader } from "../../../core/codec/byte-reader.ts";
import { ByteWriter } from "../../../core/codec/byte-writer.ts";
import { MAX_NODES } from "../../../core/quorum/node-set.ts";
import { PaxosError } from "../../../paxos-error.ts";
import type { Member, RegisterConfig } from "../register-config.ts";

export function writeConfig(writer: ByteWriter, config: RegisterConfig): void {
  const { epoch, members, next, forgotten } = config;
  writer.number(epoch);
  writeMembers(writer, members);
  writeMembers(writer, next ?? []);
  writeBallot(writer, forgotten);
}

/** @throws {PaxosError} `malformed`. */
export function readConfig(reader: ByteReader): RegisterConfig {
  const [epoch, members, next] = [reader.number(), readMembers(reader), readMembers(reader)];
  if (members.length === 0) throw new PaxosError("malformed", "a configuration has no members");
  const forgotten = readBallot(reader);
  return { epoch, members, next: next.length > 0 ? next : undefined, forgotten };
}

/** As the value of the key that the configuration is decided under. */
export function encodeConfig(config: RegisterConfig): Uint8Array {
  const writer = new ByteWriter();
  writeConfig(writer, config);
  return writer.finish();
}

/** @throws {PaxosError} `malformed`. */
export function decodeConfig(bytes: Uint8Array): RegisterConfig {
  const reader = new ByteReader(bytes);
  const config = readConfig(reader);
  reader.end();
  return config;
}

function writeMembers(writer: ByteWriter, members: readonly Member[]): void {
  writer.byte(members.length);
  for (const { node, birth, joined } of members) writer.name(node).number(birth).number(joined);
}

function readMembers(reader: ByteReader): Member[] {
  const count = reader.byte();
  if (count > MAX_NODES) throw new PaxosError("malformed", `${count} members are too many`);
  const members: Member[] = [];
  for (let left = count; left > 0; left--) {
    members.push({ node: reader.name(), birth: reader.number(), joined: reader.number() });
  }
  return members;
}
