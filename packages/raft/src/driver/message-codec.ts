import { EncodeOnceCodec, type LogPosition, type MessageCodec } from "@quorate/replication/driver";
import type { Message } from "../core/message.ts";
import { decodeMessage, encodeMessage } from "../core/message-codec.ts";

/** Of one node: it remembers what it encoded last. */
export function createMessageCodec(): MessageCodec<Message> {
  return new EncodeOnceCodec({ encode: encodeMessage, decode: decodeMessage }, isSameAppend);
}

/** In one term a position has one entry. */
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
