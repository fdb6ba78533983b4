import type { LogPosition, MessageCodec } from "@quorate/replication/driver";
import type { Message } from "../core/message.ts";
import { decodeMessage, encodeMessage } from "../core/message-codec.ts";

/** Followers that are equally far get the same append; it is encoded once. */
export class AppendOnceCodec implements MessageCodec<Message> {
  #previous: { readonly message: Message; readonly bytes: Uint8Array } | undefined;

  encode(message: Message): Uint8Array {
    if (this.#previous && isSameAppend(message, this.#previous.message)) {
      return this.#previous.bytes;
    }
    const bytes = encodeMessage(message);
    this.#previous = { message, bytes };
    return bytes;
  }

  decode(bytes: Uint8Array): Message | undefined {
    return decodeMessage(bytes);
  }
}

function isSameAppend(message: Message, other: Message): boolean {
  return (
    message.type === "append-request" &&
    other.type === "append-request" &&
    message.term === other.term &&
    message.commitIndex === other.commitIndex &&
    message.entries.length === other.entries.length &&
    isSamePosition(message.previous, other.previous)
  );
}

function isSamePosition(a: LogPosition, b: LogPosition): boolean {
  return a.index === b.index && a.term === b.term;
}
