import { ByteReader, malformed } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { CODEC_VERSION } from "../codec/wire-numbers.ts";
import { KvError } from "../kv-error.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import {
  CONSISTENCIES,
  MAX_KEEP_ALIVES,
  MAX_REQUESTS,
  type Request,
  REQUEST_KINDS,
} from "./protocol.ts";

/** Commands that travel together have so many bytes, at most; one that has more travels alone. */
export const MAX_TOGETHER_BYTES = 262_144;

/** Room for the largest command, or keep-alive, and for what else there may be. */
const MAX_MESSAGE_BYTES = MAX_REQUEST_BYTES + MAX_TOGETHER_BYTES + 4_096;

/** Requests of a client, and about how many bytes their answers may have together. */
export interface RequestMessage {
  readonly maxAnswerBytes: number;
  readonly requests: readonly Request[];
}

const writer = new ByteWriter(MAX_MESSAGE_BYTES, "request-too-large");

/** @throws {KvError} `request-too-large`. */
export function encodeRequests({ maxAnswerBytes, requests }: RequestMessage): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writer.varint(maxAnswerBytes);
    writer.varint(requests.length);
    for (const request of requests) writeRequest(request);
  });
}

function writeRequest(request: Request): void {
  writer.byte(REQUEST_KINDS.indexOf(request.kind));
  writer.varint(request.timeoutMs);
  switch (request.kind) {
    case "open-session":
    case "leases":
      return;
    case "propose":
      writer.varint(request.sessionId);
      writer.varint(request.sequence);
      writer.varint(request.answeredBelow);
      writer.bytes(request.command);
      return;
    case "read":
      writer.byte(CONSISTENCIES.indexOf(request.consistency));
      writer.bytes(request.command);
      return;
    case "keep-alive":
      writer.varint(request.leases.length);
      for (const lease of request.leases) writer.varint(lease);
      return;
    case "time-to-live":
      writer.varint(request.lease);
  }
}

/**
 * Commands are views on `bytes`.
 *
 * @throws {KvError} `malformed`, `unsupported-version`.
 */
export function decodeRequests(bytes: Uint8Array): RequestMessage {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const maxAnswerBytes = reader.varint();
  const count = reader.count();
  if (count === 0 || count > MAX_REQUESTS) throw malformed(`1 to ${MAX_REQUESTS} requests`);
  const requests: Request[] = [];
  while (requests.length < count) requests.push(readRequest(reader));
  reader.end();
  return { maxAnswerBytes, requests };
}

function readRequest(reader: ByteReader): Request {
  const kind = reader.oneOf(REQUEST_KINDS);
  const timeoutMs = reader.varint();
  switch (kind) {
    case "open-session":
    case "leases":
      return { kind, timeoutMs };
    case "time-to-live":
      return { kind, timeoutMs, lease: reader.varint() };
    case "keep-alive": {
      const count = reader.count();
      if (count > MAX_KEEP_ALIVES) throw malformed(`more than ${MAX_KEEP_ALIVES} leases`);
      return { kind, timeoutMs, leases: Array.from({ length: count }, () => reader.varint()) };
    }
    case "propose": {
      const sessionId = reader.varint();
      const sequence = reader.varint();
      const answeredBelow = reader.varint();
      return { kind, timeoutMs, sessionId, sequence, answeredBelow, command: reader.bytes() };
    }
    case "read": {
      const consistency = reader.oneOf(CONSISTENCIES);
      return { kind, timeoutMs, consistency, command: reader.bytes() };
    }
  }
}
