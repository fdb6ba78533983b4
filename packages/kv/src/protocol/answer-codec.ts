import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { CODEC_VERSION } from "../codec/wire-numbers.ts";
import { COMMAND_ERROR_CODES, KvError } from "../kv-error.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";
import { type Answer, ANSWER_KINDS, REJECTION_REASONS, UNKNOWN_REASONS } from "./protocol.ts";

/** Room for the largest result and what goes before it. */
const MAX_MESSAGE_BYTES = MAX_RESULT_BYTES + 4_096;

const writer = new ByteWriter(MAX_MESSAGE_BYTES, "result-too-large");

/** @throws {KvError} `result-too-large`. */
export function encodeAnswer(answer: Answer): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writer.byte(ANSWER_KINDS.indexOf(answer.kind));
    switch (answer.kind) {
      case "committed":
      case "value":
        writer.varint(answer.index);
        writer.raw(answer.result);
        return;
      case "rejected":
        writer.byte(REJECTION_REASONS.indexOf(answer.reason));
        writer.bytes(answer.leader ?? "");
        return;
      case "unknown":
        writer.byte(UNKNOWN_REASONS.indexOf(answer.reason));
        return;
      case "session":
        writer.varint(answer.sessionId);
        return;
      case "unreadable":
        writer.bytes(answer.leader ?? "");
        return;
      case "refused":
        writer.byte(COMMAND_ERROR_CODES.indexOf(answer.code));
    }
  });
}

/**
 * The result is a view on `bytes`.
 *
 * @throws {KvError} `malformed`, `unsupported-version`.
 */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const answer = readAnswer(reader);
  reader.end();
  return answer;
}

function readAnswer(reader: ByteReader): Answer {
  const kind = reader.oneOf(ANSWER_KINDS);
  switch (kind) {
    case "committed":
    case "value":
      return { kind, index: reader.varint(), result: reader.rest() };
    case "rejected": {
      const reason = reader.oneOf(REJECTION_REASONS);
      return { kind, reason, leader: readLeader(reader) };
    }
    case "unknown":
      return { kind, reason: reader.oneOf(UNKNOWN_REASONS) };
    case "session":
      return { kind, sessionId: reader.varint() };
    case "unreadable":
      return { kind, leader: readLeader(reader) };
    case "refused":
      return { kind, code: reader.oneOf(COMMAND_ERROR_CODES) };
  }
}

function readLeader(reader: ByteReader): string | undefined {
  const leader = reader.utf8();
  return leader === "" ? undefined : leader;
}
