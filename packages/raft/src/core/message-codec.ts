import { type Entry, entryOf } from "@quorate/replication/driver";
import type { AppendRequest, Message } from "./message.ts";

/*
 * Messages as bytes: a type, the term, the fields in the order of their declaration, numbers as
 * 64-bit floats (exact up to 2^53), little end first. The transport's handshake carries the version.
 */

const TYPES = [
  "pre-vote-request",
  "pre-vote-reply",
  "vote-request",
  "vote-granted",
  "vote-denied",
  "append-request",
  "append-accepted",
  "append-rejected",
  "heartbeat",
  "heartbeat-reply",
] as const satisfies readonly Message["type"][];

const HEAD_BYTES = 9;
const ENTRY_HEAD_BYTES = 4;

export function encodeMessage(message: Message): Uint8Array {
  switch (message.type) {
    case "pre-vote-request":
    case "vote-request":
      return encodeNumbers(message, [message.last.index, message.last.term]);
    case "pre-vote-reply":
      return encodeNumbers(message, [message.granted ? 1 : 0]);
    case "vote-granted":
    case "vote-denied":
      return encodeNumbers(message, []);
    case "append-request":
      return encodeAppend(message);
    case "append-accepted":
      return encodeNumbers(message, [message.matchIndex]);
    case "append-rejected":
      return encodeNumbers(message, [message.previousIndex, message.hint.index, message.hint.term]);
    case "heartbeat":
      return encodeNumbers(message, [message.commitIndex, message.readRound]);
    case "heartbeat-reply":
      return encodeNumbers(message, [message.readRound]);
  }
}

/** Reads what `encodeMessage` made; undefined for anything else. Entries share the memory of `bytes`. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  const reader = new Reader(bytes);
  const type = TYPES[reader.byte()];
  const term = reader.number();
  const message = type && decodeBody(type, term, reader);
  return reader.isExact ? message : undefined;
}

function decodeBody(type: Message["type"], term: number, reader: Reader): Message | undefined {
  switch (type) {
    case "pre-vote-request":
    case "vote-request":
      return { type, term, last: { index: reader.number(), term: reader.number() } };
    case "pre-vote-reply":
      return { type, term, granted: reader.number() === 1 };
    case "vote-granted":
    case "vote-denied":
      return { type, term };
    case "append-request":
      return decodeAppend(term, reader);
    case "append-accepted":
      return { type, term, matchIndex: reader.number() };
    case "append-rejected": {
      const previousIndex = reader.number();
      return { type, term, previousIndex, hint: { index: reader.number(), term: reader.number() } };
    }
    case "heartbeat":
      return { type, term, commitIndex: reader.number(), readRound: reader.number() };
    case "heartbeat-reply":
      return { type, term, readRound: reader.number() };
  }
}

function encodeNumbers({ type, term }: Message, numbers: readonly number[], tail = 0): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + 8 * numbers.length + tail);
  const view = new DataView(bytes.buffer);
  bytes[0] = TYPES.indexOf(type);
  view.setFloat64(1, term, true);
  for (const [at, number] of numbers.entries()) view.setFloat64(HEAD_BYTES + 8 * at, number, true);
  return bytes;
}

function encodeAppend(message: AppendRequest): Uint8Array {
  const { previous, commitIndex, entries } = message;
  let tail = 0;
  for (const { record } of entries) tail += ENTRY_HEAD_BYTES + record.length;
  const numbers = [previous.index, previous.term, commitIndex];
  const bytes = encodeNumbers(message, numbers, tail);
  const view = new DataView(bytes.buffer);
  let at = HEAD_BYTES + 8 * numbers.length;
  for (const { record } of entries) {
    view.setUint32(at, record.length, true);
    bytes.set(record, at + ENTRY_HEAD_BYTES);
    at += ENTRY_HEAD_BYTES + record.length;
  }
  return bytes;
}

function decodeAppend(term: number, reader: Reader): AppendRequest | undefined {
  const previous = { index: reader.number(), term: reader.number() };
  const commitIndex = reader.number();
  const entries: Entry[] = [];
  while (reader.hasMore) {
    const entry = entryOf(reader.bytes());
    if (!entry) return undefined;
    entries.push(entry);
  }
  return { type: "append-request", term, previous, commitIndex, entries };
}

/** Reads from the front; past the end it reads nothing, and `isExact` says so. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #hasBadNumber = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** Everything was read, nothing beyond, and every number is one that a core would send. */
  get isExact(): boolean {
    return this.#at === this.#bytes.length && !this.#hasBadNumber;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? TYPES.length;
  }

  number(): number {
    const at = this.#advance(8);
    const number = at === undefined ? Number.NaN : this.#view.getFloat64(at, true);
    if (!Number.isSafeInteger(number) || number < 0) this.#hasBadNumber = true;
    return number;
  }

  bytes(): Uint8Array {
    const head = this.#advance(ENTRY_HEAD_BYTES);
    const length = head === undefined ? 0 : this.#view.getUint32(head, true);
    const at = this.#advance(length);
    return at === undefined ? new Uint8Array(0) : this.#bytes.subarray(at, at + length);
  }

  #advance(length: number): number | undefined {
    const at = this.#at;
    this.#at += length;
    return this.#at <= this.#bytes.length ? at : undefined;
  }
}
