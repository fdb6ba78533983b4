import { TransportError, type TransportErrorCode } from "../transport-error.ts";

/** What may go wrong on the other side; a code's place here is its number in a frame. */
const FAILURE_CODES = ["no-handler", "overloaded", "remote-error", "stream-reset"] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** Longer reasons are cut: they are for people. */
const MAX_REASON_BYTES = 1_024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function failureNumber(code: FailureCode): number {
  return FAILURE_CODES.indexOf(code);
}

/** @throws {TransportError} `protocol-violation` on a number without a meaning. */
export function failureCode(number: number): TransportErrorCode {
  const code = FAILURE_CODES[number];
  if (code) return code;
  throw new TransportError("protocol-violation", `no failure has the number ${number}`);
}

export function encodeReason(reason: string): Uint8Array {
  return encoder.encode(reason).subarray(0, MAX_REASON_BYTES);
}

export function decodeReason(payload: Uint8Array): string {
  return decoder.decode(payload.subarray(0, MAX_REASON_BYTES));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
