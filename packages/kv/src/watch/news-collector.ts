import { addFrame } from "../protocol/frames.ts";
import { encodeNews } from "../protocol/watch-codec.ts";
import type { WatchMessage } from "./watch-message.ts";
import type { WatchRequest } from "./watch-request.ts";
import type { WatchStream } from "./watch-stream.ts";

/** About how much is collected at once, in bytes: then others have their turn. */
const CHUNK_BYTES = 262_144;

/** Takes the messages of a client's watches, those that tell the same together, under the client's ids. */
export class NewsCollector {
  readonly #watches: WatchStream;
  readonly #theirs = new Map<number, number>();
  readonly #ours = new Map<number, number>();
  /** What was taken, and was not like what came before it. */
  #kept: WatchMessage | "working" | undefined;

  constructor(watches: WatchStream) {
    this.#watches = watches;
  }

  /** @throws {KvError} as `WatchStream.watch`. */
  watch(theirId: number, request: WatchRequest): void {
    this.cancel(theirId);
    const ourId = this.#watches.watch(request);
    this.#ours.set(theirId, ourId);
    this.#theirs.set(ourId, theirId);
  }

  cancel(theirId: number): void {
    const ourId = this.#ours.get(theirId);
    if (ourId === undefined) return;
    this.#watches.cancel(ourId);
    this.#forget(theirId, ourId);
  }

  /** Adds what is new to a chunk; true when there is more. */
  collect(chunk: Uint8Array[]): boolean {
    for (let bytes = 0; bytes < CHUNK_BYTES;) {
      const first = this.#take();
      if (first === undefined) return false;
      if (first === "working") return true;
      const watchIds = [this.#theirs.get(first.watchId)!];
      for (;;) {
        const other = this.#take();
        if (!isLike(first, other)) {
          this.#kept = other;
          break;
        }
        watchIds.push(this.#theirs.get(other.watchId)!);
      }
      bytes += this.#add(chunk, first, watchIds);
    }
    return true;
  }

  #take(): WatchMessage | "working" | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    const isKept = kept === "working" || (kept && this.#theirs.has(kept.watchId));
    return isKept ? kept : this.#watches.next();
  }

  #add(chunk: Uint8Array[], message: WatchMessage, watchIds: readonly number[]): number {
    switch (message.kind) {
      case "events": {
        const { batch, isFragment } = message;
        const events = batch.encode();
        return addFrame(
          chunk,
          encodeNews({ kind: "events", watchIds, isFragment, events }),
          events,
        );
      }
      case "progress":
        return addFrame(
          chunk,
          encodeNews({ kind: "progress", watchIds, revision: message.revision }),
        );
      case "compacted": {
        const [watchId] = watchIds as [number];
        this.#forget(watchId, message.watchId);
        const { compactRevision } = message;
        return addFrame(chunk, encodeNews({ kind: "compacted", watchId, compactRevision }));
      }
    }
  }

  #forget(theirId: number, ourId: number): void {
    this.#ours.delete(theirId);
    this.#theirs.delete(ourId);
  }
}

/** Whether `other` tells its watch the same. */
function isLike(
  message: WatchMessage,
  other: WatchMessage | "working" | undefined,
): other is WatchMessage {
  if (other === undefined || other === "working" || other.kind !== message.kind) return false;
  if (message.kind === "events" && other.kind === "events") {
    return message.batch === other.batch && message.isFragment === other.isFragment;
  }
  if (message.kind !== "progress" || other.kind !== "progress") return false;
  return message.revision === other.revision;
}
