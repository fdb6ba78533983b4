import { TransportError } from "../transport-error.ts";
import { FRAME, type Link } from "./frame.ts";

/** Protocols that one side may name on one connection; names are never forgotten while it lasts. */
const MAX_PROTOCOLS = 1_024;

/** Of a protocol or a node. */
export const MAX_NAME_BYTES = 255;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The bytes of a protocol's or a node's name. @throws {TransportError} `invalid-option`. */
export function encodeName(what: string, name: string): Uint8Array {
  const bytes = encoder.encode(name);
  if (bytes.length >= 1 && bytes.length <= MAX_NAME_BYTES) return bytes;
  const message = `${what} must be 1 to ${MAX_NAME_BYTES} bytes of UTF-8, not ${bytes.length}`;
  throw new TransportError("invalid-option", message);
}

/** The numbers that stand for protocols in the frames of one direction of one connection. */
export class OutgoingNames {
  readonly #link: Link;
  readonly #numbers = new Map<string, number>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** @throws {TransportError} `invalid-option` on a bad name, or one too many. */
  numberOf(protocol: string): number {
    return this.#numbers.get(protocol) ?? this.#introduce(protocol);
  }

  #introduce(protocol: string): number {
    const name = encodeName("a protocol", protocol);
    const number = this.#numbers.size;
    if (number === MAX_PROTOCOLS) {
      throw new TransportError("invalid-option", `more than ${MAX_PROTOCOLS} protocols in use`);
    }
    this.#numbers.set(protocol, number);
    this.#link.push(FRAME.NAME, number, 0, name);
    return number;
  }
}

/** The other side's numbers. */
export class IncomingNames {
  readonly #names: string[] = [];

  /** @throws {TransportError} `protocol-violation`. */
  introduce(number: number, name: Uint8Array): void {
    if (number !== this.#names.length || number >= MAX_PROTOCOLS) {
      throw new TransportError("protocol-violation", `protocol ${number} named out of turn`);
    }
    if (name.length < 1 || name.length > MAX_NAME_BYTES) {
      throw new TransportError("protocol-violation", `a protocol's name of ${name.length} bytes`);
    }
    try {
      this.#names.push(decoder.decode(name));
    } catch (cause) {
      throw new TransportError("protocol-violation", "a protocol's name is not UTF-8", { cause });
    }
  }

  /** @throws {TransportError} `protocol-violation`. */
  nameOf(number: number): string {
    const name = this.#names[number];
    if (name !== undefined) return name;
    throw new TransportError("protocol-violation", `protocol ${number} was never named`);
  }
}
