import type { Ballot } from "../../core/ballot.ts";
import { readBallot, writeBallot } from "../../core/codec/ballot-codec.ts";
import { ByteReader } from "../../core/codec/byte-reader.ts";
import { ByteWriter } from "../../core/codec/byte-writer.ts";
import { PaxosError } from "../../paxos-error.ts";
import type { KeyPage } from "../storage/register-storage.ts";

/* What the node that changes the members asks the others, as requests of the transport. */

const VERSION = 1;
const HELLO = 0;
const KEYS = 1;

/** Who are you? Or: which keys do you have from `cursor` on, in this epoch? */
export type MemberRequest =
  | { readonly kind: "hello" }
  | { readonly kind: "keys"; readonly epoch: number; readonly cursor: number };

export interface Hello {
  readonly birth: number;
  /** Whether it was there when the cluster began. */
  readonly isFirst: boolean;
}

export interface Keys extends KeyPage {
  /** The highest ballot of all that it has forgotten. */
  readonly forgotten: Ballot;
}

export function encodeMemberRequest(request: MemberRequest): Uint8Array {
  const writer = new ByteWriter().byte(VERSION);
  if (request.kind === "hello") writer.byte(HELLO);
  else writer.byte(KEYS).number(request.epoch).number(request.cursor);
  return writer.finish();
}

/** @throws {PaxosError} `malformed`. */
export function decodeMemberRequest(bytes: Uint8Array): MemberRequest {
  const reader = begin(bytes);
  const kind = reader.byte();
  if (kind > KEYS) throw new PaxosError("malformed", `no request is of kind ${kind}`);
  const request: MemberRequest =
    kind === HELLO
      ? { kind: "hello" }
      : { kind: "keys", epoch: reader.number(), cursor: reader.number() };
  reader.end();
  return request;
}

export function encodeHello({ birth, isFirst }: Hello): Uint8Array {
  return new ByteWriter()
    .byte(VERSION)
    .number(birth)
    .byte(isFirst ? 1 : 0)
    .finish();
}

/** @throws {PaxosError} `malformed`. */
export function decodeHello(bytes: Uint8Array): Hello {
  const reader = begin(bytes);
  const hello = { birth: reader.number(), isFirst: reader.byte() === 1 };
  reader.end();
  return hello;
}

export function encodeKeys({ keys, next, forgotten }: Keys): Uint8Array {
  const writer = new ByteWriter().byte(VERSION).number(next ?? 0);
  writeBallot(writer, forgotten);
  for (const key of keys) writer.text(key);
  return writer.finish();
}

/** @throws {PaxosError} `malformed`. */
export function decodeKeys(bytes: Uint8Array): Keys {
  const reader = begin(bytes);
  const [next, forgotten] = [reader.number(), readBallot(reader)];
  const keys: string[] = [];
  while (!reader.isAtEnd) keys.push(reader.text());
  return { keys, next: next === 0 ? undefined : next, forgotten };
}

function begin(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version === VERSION) return reader;
  throw new PaxosError("malformed", `version ${version} is not known, only ${VERSION}`);
}
