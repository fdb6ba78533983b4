import type { ByteString } from "../byte-string.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import type { Entry } from "../history/entry.ts";

const writer = new ByteWriter(2 ** 30, "request-too-large");

/** What the present has of a key: its entry, and the change that made it. */
export interface Held {
  readonly entry: Entry;
  readonly change: ByteString;
}

export function encodeHeld({ entry, change }: Held): Uint8Array {
  return writer.message(() => {
    writer.byteString(change);
    writeRest(entry);
  });
}

export function decodeHeld(key: ByteString, bytes: Uint8Array): Held {
  const reader = new ByteReader(bytes);
  const change = reader.byteString();
  return { change, entry: readRest(reader, key) };
}

export function encodeEntry(entry: Entry): Uint8Array {
  return writer.message(() => {
    writer.byteString(entry.key);
    writeRest(entry);
  });
}

export function decodeEntry(bytes: Uint8Array): Entry {
  const reader = new ByteReader(bytes);
  return readRest(reader, reader.byteString());
}

function writeRest(entry: Entry): void {
  writer.varint(entry.createRevision);
  writer.varint(entry.modRevision);
  writer.varint(entry.version);
  writer.varint(entry.lease);
  writer.byteString(entry.value);
}

function readRest(reader: ByteReader, key: ByteString): Entry {
  const createRevision = reader.varint();
  const modRevision = reader.varint();
  const version = reader.varint();
  const lease = reader.varint();
  return { key, value: reader.byteString(), createRevision, modRevision, version, lease };
}
