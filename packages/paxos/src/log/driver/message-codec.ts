import { EncodeOnceCodec, type MessageCodec } from "@quorate/replication/driver";
import { isSameBallot } from "../../core/ballot.ts";
import type { Message } from "../core/message.ts";
import { decodeMessage, encodeMessage } from "../core/message-codec.ts";

/** Of one node: it remembers what it encoded last. */
export function createMessageCodec(): MessageCodec<Message> {
  return new EncodeOnceCodec({ encode: encodeMessage, decode: decodeMessage }, isSameAccept);
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
