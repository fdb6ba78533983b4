import type { ByteString } from "../byte-string.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { readKeyValue } from "../codec/decode-result.ts";
import { writeKeyValue } from "../codec/encode-result.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";
import type { KeyValue } from "../operation-result.ts";

/** One change of one key. `B` is how it holds keys and values. */
export interface WatchEvent<B = Uint8Array> {
  readonly kind: "put" | "delete";
  /** Of a deleted key: the key, and the revision of the deletion as `modRevision`. */
  readonly kv: KeyValue<B>;
  /** What the key was before the revision, where that was asked for, and it was, and is known. */
  readonly prevKv: KeyValue<B> | undefined;
}

const KINDS = ["put", "delete"] as const;
/** About what an event takes beside its keys and values. */
const EVENT_BYTES = 32;

const writer = new ByteWriter(4 * MAX_RESULT_BYTES, "result-too-large");

/** A batch as what fits into a message and what does not. */
interface Split {
  readonly maxBytes: number;
  readonly head: EventBatch;
  readonly rest: EventBatch;
  /** Whether the rest begins in the midst of a revision. */
  readonly isFragment: boolean;
}

/** Events that several watches are told: encoded once, when the first of them asks. */
export class EventBatch {
  readonly events: readonly WatchEvent<ByteString>[];
  #encoded: Uint8Array | undefined;
  #bytes: number | undefined;
  #split: Split | undefined;

  constructor(events: readonly WatchEvent<ByteString>[]) {
    this.events = events;
  }

  /** About how many they take in a message. */
  get bytes(): number {
    this.#bytes ??= this.events.reduce((sum, event) => sum + bytesOf(event), 0);
    return this.#bytes;
  }

  /**
   * For messages of about `maxBytes`: as many whole revisions as fit, or a part of one. Undefined if all
   * fits. Those who have the same limit share the parts.
   */
  split(maxBytes: number): Split | undefined {
    if (this.bytes <= maxBytes || this.events.length === 1) return undefined;
    if (this.#split?.maxBytes === maxBytes) return this.#split;
    const count = fitting(this.events, maxBytes);
    const rest = this.events.slice(count);
    if (rest.length === 0) return undefined;
    this.#split = {
      maxBytes,
      head: new EventBatch(this.events.slice(0, count)),
      rest: new EventBatch(rest),
      isFragment: rest[0]!.kv.modRevision === this.events[count - 1]!.kv.modRevision,
    };
    return this.#split;
  }

  /** For `decodeWatchEvents`. */
  encode(): Uint8Array {
    this.#encoded ??= writer.message(() => {
      writer.varint(this.events.length);
      for (const { kind, kv, prevKv } of this.events) {
        writer.byte(KINDS.indexOf(kind));
        writeKeyValue(writer, kv);
        writer.byte(prevKv ? 1 : 0);
        if (prevKv) writeKeyValue(writer, prevKv);
      }
    });
    return this.#encoded;
  }
}

/** Keys and values are views on `bytes`. @throws {KvError} `malformed`. */
export function decodeWatchEvents(bytes: Uint8Array): WatchEvent[] {
  const reader = new ByteReader(bytes);
  const events: WatchEvent[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const kind = reader.oneOf(KINDS);
    const kv = readKeyValue(reader);
    const prevKv = reader.oneOf([false, true]) ? readKeyValue(reader) : undefined;
    events.push({ kind, kv, prevKv });
  }
  reader.end();
  return events;
}

/** About how many bytes an event takes in a message. */
function bytesOf({ kv, prevKv }: WatchEvent<ByteString>): number {
  const before = prevKv ? prevKv.key.length + prevKv.value.length + EVENT_BYTES : 0;
  return kv.key.length + kv.value.length + EVENT_BYTES + before;
}

function fitting(events: readonly WatchEvent<ByteString>[], maxBytes: number): number {
  let bytes = 0;
  let wholeRevisions = 0;
  for (const [at, event] of events.entries()) {
    if (at > 0 && event.kv.modRevision !== events[at - 1]!.kv.modRevision) wholeRevisions = at;
    bytes += bytesOf(event);
    if (bytes > maxBytes && at > 0) return wholeRevisions || at;
  }
  return events.length;
}
