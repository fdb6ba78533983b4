import { KvError } from "../kv-error.ts";
import type { HistoryReader } from "./history-reader.ts";
import { TurnQueue } from "./turn-queue.ts";
import { Watcher } from "./watcher.ts";
import type { WatchGroups } from "./watch-groups.ts";
import type { WatchMessage } from "./watch-message.ts";
import { targetOf, type WatchRequest } from "./watch-request.ts";

/** Watches of one stream; one more is refused with `overloaded`. */
const MAX_WATCHES = 100_000;
const DEFAULT_MESSAGE_BYTES = 1_048_576;

/** How a stream behaves. */
export interface WatchStreamOptions {
  /**
   * Told when `next` has something after it had nothing. To be called soon, not from within.
   *
   * @default nobody is told
   */
  readonly onReadable?: () => void;
  /**
   * About how many bytes of events a message may have, from 1: a revision above it comes in fragments,
   * each of at least one event.
   *
   * @default 1_048_576
   */
  readonly maxMessageBytes?: number;
}

/**
 * Many watches whose messages are taken one by one. Nothing is kept for one that takes them slowly but
 * where it is: it reads what it missed from the store's history.
 */
export class WatchStream {
  readonly maxMessageBytes: number;
  readonly #groups: WatchGroups;
  readonly #history: HistoryReader;
  readonly #onReadable: () => void;
  readonly #watchers = new Map<number, Watcher>();
  /** Those that may have something to tell, in the order of their turns. */
  readonly #ready = new TurnQueue<Watcher>();
  #nextId = 1;
  #isTaking = false;

  constructor(groups: WatchGroups, history: HistoryReader, options: WatchStreamOptions) {
    const { onReadable = () => {}, maxMessageBytes = DEFAULT_MESSAGE_BYTES } = options;
    if (!(maxMessageBytes >= 1)) {
      throw new KvError("invalid-option", `maxMessageBytes must be from 1, not ${maxMessageBytes}`);
    }
    this.#groups = groups;
    this.#history = history;
    this.#onReadable = onReadable;
    this.maxMessageBytes = maxMessageBytes;
  }

  get size(): number {
    return this.#watchers.size;
  }

  /**
   * Begins a watch and returns its id, unique in this stream.
   *
   * @throws {KvError} `empty-key`, `invalid-option`, `overloaded`.
   */
  watch(request: WatchRequest): number {
    const target = targetOf(request);
    if (this.#watchers.size >= MAX_WATCHES) {
      throw new KvError("overloaded", `the stream has ${MAX_WATCHES} watches already`);
    }
    const id = this.#nextId++;
    const group = this.#groups.join(target);
    const next = request.startRevision || this.#history.revision + 1;
    const watcher = new Watcher(id, group, { stream: this, history: this.#history, next });
    group.members.add(watcher);
    this.#watchers.set(id, watcher);
    return id;
  }

  /** Ends a watch: nothing more is told of it. False if there is none of this id. */
  cancel(watchId: number): boolean {
    const watcher = this.#watchers.get(watchId);
    if (!watcher) return false;
    this.#watchers.delete(watchId);
    this.#ready.delete(watcher.readyTurn);
    this.#groups.leave(watcher.group, watcher);
    return true;
  }

  /** Has a watch, or all, say how far they are once they were told everything. */
  requestProgress(watchId?: number): void {
    if (watchId !== undefined) this.#watchers.get(watchId)?.wantProgress();
    else for (const watcher of this.#watchers.values()) watcher.wantProgress();
  }

  /**
   * The next message; undefined if there is none, until `onReadable` says so. `working` after a step
   * through history that found nothing: call again, once others have had their turn.
   */
  next(): WatchMessage | "working" | undefined {
    this.#isTaking = true;
    try {
      for (let watcher = this.#ready.take(); watcher; watcher = this.#ready.take()) {
        const taken = watcher.take();
        if (taken === undefined) continue;
        if (taken !== "working" && taken.kind === "compacted") this.cancel(taken.watchId);
        return taken;
      }
      return undefined;
    } finally {
      this.#isTaking = false;
    }
  }

  /** Ends all watches. */
  close(): void {
    for (const id of [...this.#watchers.keys()]) this.cancel(id);
  }

  /** Called by its watches. */
  ready(watcher: Watcher): void {
    const wasEmpty = this.#ready.size === 0;
    this.#ready.add(watcher.readyTurn);
    if (wasEmpty && !this.#isTaking) this.#onReadable();
  }
}
