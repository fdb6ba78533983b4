import { ByteReader, malformed } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { CODEC_VERSION } from "../codec/wire-numbers.ts";
import { COMMAND_ERROR_CODES, KvError } from "../kv-error.ts";
import { MAX_FRAME_BYTES } from "./frames.ts";
import { CALL_KINDS, NEWS_KINDS, type WatchCall, type WatchNews } from "./watch-protocol.ts";

const FLAGS = { prevKv: 1, noPuts: 2, noDeletes: 4 } as const;

const writer = new ByteWriter(MAX_FRAME_BYTES, "request-too-large");

/** @throws {KvError} `request-too-large`. */
export function encodeCall(call: WatchCall): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writer.byte(CALL_KINDS.indexOf(call.kind));
    if (call.kind === "progress") return writer.varint(call.timeoutMs);
    writer.varint(call.watchId);
    if (call.kind === "cancel") return;
    const { key, rangeEnd, startRevision, prevKv, noPuts, noDeletes } = call.request;
    writer.byte(
      (prevKv ? FLAGS.prevKv : 0) | (noPuts ? FLAGS.noPuts : 0) | (noDeletes ? FLAGS.noDeletes : 0),
    );
    writer.varint(startRevision);
    writer.bytes(key);
    writer.bytes(rangeEnd);
  });
}

/** @throws {KvError} `malformed`, `unsupported-version`. */
export function decodeCall(bytes: Uint8Array): WatchCall {
  const reader = versioned(bytes);
  const kind = reader.oneOf(CALL_KINDS);
  const call = kind === "watch" ? readWatch(reader) : readOther(kind, reader);
  reader.end();
  return call;
}

/** The part of news that goes before the events, which are many watches' alike. */
export function encodeNews(news: WatchNews): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writer.byte(NEWS_KINDS.indexOf(news.kind));
    switch (news.kind) {
      case "events":
        writeIds(news.watchIds);
        writer.byte(news.isFragment ? 1 : 0);
        return;
      case "progress":
        writeIds(news.watchIds);
        writer.varint(news.revision);
        return;
      case "compacted":
        writer.varint(news.watchId);
        writer.varint(news.compactRevision);
        return;
      case "refused":
        writer.varint(news.watchId);
        // 0 is `overloaded`, which no command is refused with.
        writer.byte(news.code === "overloaded" ? 0 : COMMAND_ERROR_CODES.indexOf(news.code) + 1);
        return;
      case "alive":
    }
  });
}

/** The events are a view on `bytes`. @throws {KvError} `malformed`, `unsupported-version`. */
export function decodeNews(bytes: Uint8Array): WatchNews {
  const reader = versioned(bytes);
  const kind = reader.oneOf(NEWS_KINDS);
  switch (kind) {
    case "events": {
      const watchIds = readIds(reader);
      const isFragment = reader.oneOf([false, true]);
      return { kind, watchIds, isFragment, events: reader.rest() };
    }
    case "progress":
      return { kind, watchIds: readIds(reader), revision: reader.varint() };
    case "compacted":
      return { kind, watchId: reader.varint(), compactRevision: reader.varint() };
    case "refused": {
      const watchId = reader.varint();
      return { kind, watchId, code: reader.oneOf(["overloaded", ...COMMAND_ERROR_CODES]) };
    }
    case "alive":
      return { kind };
  }
}

function versioned(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version === CODEC_VERSION) return reader;
  throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
}

function readWatch(reader: ByteReader): WatchCall {
  const watchId = reader.varint();
  const flags = reader.byte();
  const startRevision = reader.varint();
  if (startRevision === 0) throw malformed("a watch needs a revision to begin at");
  const [key, rangeEnd] = [reader.bytes(), reader.bytes()];
  const request = {
    ...{ key, rangeEnd, startRevision },
    prevKv: (flags & FLAGS.prevKv) !== 0,
    noPuts: (flags & FLAGS.noPuts) !== 0,
    noDeletes: (flags & FLAGS.noDeletes) !== 0,
  };
  return { kind: "watch", watchId, request };
}

function readOther(kind: "cancel" | "progress", reader: ByteReader): WatchCall {
  return kind === "cancel"
    ? { kind, watchId: reader.varint() }
    : { kind, timeoutMs: reader.varint() };
}

function writeIds(ids: readonly number[]): void {
  writer.varint(ids.length);
  for (const id of ids) writer.varint(id);
}

function readIds(reader: ByteReader): number[] {
  return Array.from({ length: reader.count() }, () => reader.varint());
}
