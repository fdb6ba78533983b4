import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { CODEC_VERSION } from "../codec/wire-numbers.ts";
import { KvError } from "../kv-error.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import { CONSISTENCIES, type Request, REQUEST_KINDS } from "./protocol.ts";

/** Room for the largest command and what goes before it. */
const MAX_MESSAGE_BYTES = MAX_REQUEST_BYTES + 4_096;

const writer = new ByteWriter(MAX_MESSAGE_BYTES, "request-too-large");

/** @throws {KvError} `request-too-large`. */
export function encodeRequest(request: Request): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writer.byte(REQUEST_KINDS.indexOf(request.kind));
    writer.varint(request.timeoutMs);
    if (request.kind === "open-session") return;
    if (request.kind === "propose") {
      writer.varint(request.sessionId);
      writer.varint(request.sequence);
      writer.varint(request.answeredBelow);
    } else {
      writer.byte(CONSISTENCIES.indexOf(request.consistency));
    }
    writer.raw(request.command);
  });
}

/**
 * The command is a view on `bytes`.
 *
 * @throws {KvError} `malformed`, `unsupported-version`.
 */
export function decodeRequest(bytes: Uint8Array): Request {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const kind = reader.oneOf(REQUEST_KINDS);
  const timeoutMs = reader.varint();
  switch (kind) {
    case "open-session":
      reader.end();
      return { kind, timeoutMs };
    case "propose": {
      const sessionId = reader.varint();
      const sequence = reader.varint();
      const answeredBelow = reader.varint();
      return { kind, timeoutMs, sessionId, sequence, answeredBelow, command: reader.rest() };
    }
    case "read": {
      const consistency = reader.oneOf(CONSISTENCIES);
      return { kind, timeoutMs, consistency, command: reader.rest() };
    }
  }
}
