import type { MessageCodec } from "@quorate/replication/driver";
import { isSameBallot } from "../../core/ballot.ts";
import type { Message } from "../core/message.ts";
import { decodeMessage, encodeMessage } from "../core/message-codec.ts";

/** Nodes that are equally far get the same accept; it is encoded once. */
export class AcceptOnceCodec implements MessageCodec<Message> {
  #previous: { readonly message: Message; readonly bytes: Uint8Array } | undefined;

  encode(message: Message): Uint8Array {
    if (this.#previous && isSameAccept(message, this.#previous.message)) {
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

/** In one ballot a slot has one entry. */
function isSameAccept(message: Message, other: Message): boolean {
  return (
    message.type === "accept" &&
    other.type === "accept" &&
    message.first === other.first &&
    message.decided === other.decided &&
    message.entries.length === other.entries.length &&
    isSameBallot(message.ballot, other.ballot)
  );
}
