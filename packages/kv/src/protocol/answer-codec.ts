import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { CODEC_VERSION } from "../codec/wire-numbers.ts";
import { COMMAND_ERROR_CODES, KvError } from "../kv-error.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";
import type { Lease } from "../lease/lease-table.ts";
import {
  type Answer,
  ANSWER_KINDS,
  DEFERRED,
  type KeptLease,
  MAX_ANSWER_BYTES,
  REJECTION_REASONS,
  type TimeToLive,
  UNKNOWN_REASONS,
} from "./protocol.ts";

/** Room for the largest result and those that stand before it. */
const MAX_MESSAGE_BYTES = MAX_RESULT_BYTES + MAX_ANSWER_BYTES + 4_096;

const writer = new ByteWriter(MAX_MESSAGE_BYTES, "result-too-large");

/**
 * Answers to the requests of one message, in their order. All but the first are deferred that would begin
 * above `maxBytes`.
 *
 * @throws {KvError} `result-too-large`.
 */
export function encodeAnswers(answers: readonly Answer[], maxBytes: number): Uint8Array {
  return writer.message(() => {
    writer.byte(CODEC_VERSION);
    writer.varint(answers.length);
    for (let at = 0; at < answers.length; at++) {
      const isDeferred = at > 0 && writer.length > maxBytes;
      writeAnswer(isDeferred ? DEFERRED : answers[at]!);
    }
  });
}

function writeAnswer(answer: Answer): void {
  writer.byte(ANSWER_KINDS.indexOf(answer.kind));
  switch (answer.kind) {
    case "committed":
    case "value":
      writer.varint(answer.index);
      writer.bytes(answer.result);
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
      return;
    case "kept":
      writer.varint(answer.renewals.length);
      for (const renewal of answer.renewals) writer.varint(numberOfRenewal(renewal));
      return;
    case "time-to-live":
      return writeTimeToLive(answer.lease);
    case "leases":
      writer.varint(answer.leases.length);
      for (const { id, ttlSeconds } of answer.leases) {
        writer.varint(id);
        writer.varint(ttlSeconds);
      }
      return;
    case "deferred":
  }
}

function writeTimeToLive({ id, ttlSeconds, remainingMs, keys }: TimeToLive): void {
  for (const number of [id, ttlSeconds, Math.ceil(remainingMs), keys.length]) writer.varint(number);
  for (const key of keys) writer.bytes(key);
}

/**
 * Results are views on `bytes`.
 *
 * @throws {KvError} `malformed`, `unsupported-version`.
 */
export function decodeAnswers(bytes: Uint8Array): Answer[] {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== CODEC_VERSION) {
    throw new KvError("unsupported-version", `version ${version}, not ${CODEC_VERSION}`);
  }
  const answers: Answer[] = [];
  for (let left = reader.count(); left > 0; left--) answers.push(readAnswer(reader));
  reader.end();
  return answers;
}

function readAnswer(reader: ByteReader): Answer {
  const kind = reader.oneOf(ANSWER_KINDS);
  switch (kind) {
    case "committed":
    case "value":
      return { kind, index: reader.varint(), result: reader.bytes() };
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
    case "kept":
      return { kind, renewals: readMany(reader, () => renewalOf(reader.varint())) };
    case "time-to-live": {
      const [id, ttlSeconds, remainingMs] = [reader.varint(), reader.varint(), reader.varint()];
      const keys = readMany(reader, () => reader.bytes());
      return { kind, lease: { id, ttlSeconds, remainingMs, keys } };
    }
    case "leases": {
      const read = (): Lease => ({ id: reader.varint(), ttlSeconds: reader.varint() });
      return { kind, leases: readMany(reader, read) };
    }
    case "deferred":
      return DEFERRED;
  }
}

function readMany<T>(reader: ByteReader, read: () => T): T[] {
  return Array.from({ length: reader.count() }, read);
}

// Seconds are from 1, so the two numbers below stand for what is none.
function numberOfRenewal(renewal: KeptLease): number {
  if (renewal === "not-found") return 0;
  return renewal === "expired" ? 1 : renewal + 1;
}

function renewalOf(number: number): KeptLease {
  if (number === 0) return "not-found";
  return number === 1 ? "expired" : number - 1;
}

function readLeader(reader: ByteReader): string | undefined {
  const leader = reader.utf8();
  return leader === "" ? undefined : leader;
}
