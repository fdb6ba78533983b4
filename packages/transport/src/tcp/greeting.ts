import { MAX_NAME_BYTES } from "../session/protocol-names.ts";
import { TransportError } from "../transport-error.ts";

export const PROTOCOL_VERSION = 1;

/** What tells this protocol from any other, in every version. */
const MAGIC: Uint8Array = new TextEncoder().encode("quorate\n");
const PREFIX_BYTES = MAGIC.length + 4;
const MAX_GREETING_BYTES = 4 * 1_024;

/** What each side says first. The side that dialled begins; the other one answers with its own. */
export interface Greeting {
  readonly version: number;
  readonly clusterId: string;
  readonly from: string;
  /** Whom the sender believes to talk to. */
  readonly to: string;
  /** Drawn at random at each start of a node: tells a node that came back from its namesake. */
  readonly incarnation: string;
  /** Grows with each greeting that one incarnation sends: tells an old connection from a new one. */
  readonly sequence: number;
  readonly maxMessageBytes: number;
  readonly streamWindowBytes: number;
}

/** Instead of a greeting: the connection is not wanted. */
export interface Refusal {
  readonly version: number;
  /** Why, for people; names both nodes. */
  readonly refused: string;
  /** Nothing is wrong: another connection of this pair is preferred. */
  readonly redundant: boolean;
}

/** The text is JSON, so that a later version can tell an earlier one why they do not fit. */
export function encodeGreeting(greeting: Greeting | Refusal): Uint8Array {
  const text = Buffer.from(JSON.stringify(greeting));
  const bytes = Buffer.alloc(PREFIX_BYTES + text.length);
  bytes.set(MAGIC);
  bytes.writeUInt32LE(text.length, MAGIC.length);
  bytes.set(text, PREFIX_BYTES);
  return bytes;
}

export class GreetingDecoder {
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * Takes the next bytes; returns the greeting once it is complete, and what came after it.
   *
   * @throws {TransportError} `protocol-violation`, at the first byte that is wrong.
   */
  push(chunk: Uint8Array): { greeting: Greeting | Refusal; rest: Uint8Array } | undefined {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const magic = this.#bytes.subarray(0, MAGIC.length);
    if (magic.some((byte, at) => byte !== MAGIC[at])) {
      throw violation(`it begins with ${JSON.stringify(Buffer.from(magic).toString("latin1"))}`);
    }
    if (this.#bytes.length < PREFIX_BYTES) return undefined;
    const length = Buffer.from(this.#bytes).readUInt32LE(MAGIC.length);
    if (length > MAX_GREETING_BYTES) throw violation(`its greeting has ${length} bytes`);
    const end = PREFIX_BYTES + length;
    if (this.#bytes.length < end) return undefined;
    const greeting = parsed(this.#bytes.subarray(PREFIX_BYTES, end));
    return { greeting, rest: this.#bytes.subarray(end) };
  }
}

function parsed(bytes: Uint8Array): Greeting | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw violation("its greeting is not JSON");
  }
  if (isRefusal(value) || isGreeting(value)) return value;
  throw violation("its greeting lacks a field");
}

function isRefusal(value: unknown): value is Refusal {
  const { refused } = (value ?? {}) as Partial<Refusal>;
  return typeof refused === "string";
}

function isGreeting(value: unknown): value is Greeting {
  const fields = (value ?? {}) as Partial<Greeting>;
  if (typeof fields.version !== "number") return false;
  // Of another version only the number is sure: enough to refuse it by.
  if (fields.version !== PROTOCOL_VERSION) return true;
  const { clusterId, from, to, incarnation } = fields;
  const texts = [clusterId, from, to, incarnation];
  const numbers = [fields.sequence, fields.maxMessageBytes, fields.streamWindowBytes];
  return (
    texts.every((text) => typeof text === "string" && text.length > 0) &&
    Buffer.byteLength(from as string) <= MAX_NAME_BYTES &&
    numbers.every((number) => Number.isSafeInteger(number) && (number as number) >= 0)
  );
}

function violation(what: string): TransportError {
  return new TransportError("protocol-violation", `the other side is no node of quorate: ${what}`);
}
