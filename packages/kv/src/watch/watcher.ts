import type { HistoryReader } from "./history-reader.ts";
import type { Told, WatchGroup } from "./watch-group.ts";
import { Turn } from "./turn-queue.ts";
import type { WatchMessage } from "./watch-message.ts";

/** A watch's stream, as the watch sees it. */
interface Stream {
  readonly maxMessageBytes: number;
  /** `watcher` has something to tell. */
  ready(watcher: Watcher): void;
}

/** One watch: up to where it was told, and what comes next. */
export class Watcher {
  readonly id: number;
  readonly group: WatchGroup;
  /** Its place among those of its stream that may have something to tell. */
  readonly readyTurn: Turn<Watcher> = new Turn<Watcher>(this);
  /** And among those of its group that were told everything. */
  readonly waitingTurn: Turn<Watcher> = new Turn<Watcher>(this);
  readonly #stream: Stream;
  readonly #history: HistoryReader;
  #next: number;
  /** What of a message that was too large is still to be told. */
  #rest: Told | undefined;
  #wantsProgress = false;

  constructor(
    id: number,
    group: WatchGroup,
    parts: { readonly stream: Stream; readonly history: HistoryReader; readonly next: number },
  ) {
    this.id = id;
    this.group = group;
    this.#stream = parts.stream;
    this.#history = parts.history;
    this.#next = parts.next;
    this.wake();
  }

  wake(): void {
    this.#stream.ready(this);
  }

  /** Tell how far it is, once it has been told everything. */
  wantProgress(): void {
    this.#wantsProgress = true;
    this.wake();
  }

  /**
   * What comes next: `working` if a step through history found nothing, and undefined if there is
   * nothing, and it will wake when there is.
   */
  take(): WatchMessage | "working" | undefined {
    const { revision, compactRevision } = this.#history;
    if (this.#rest) return this.#part(this.#rest, revision);
    if (this.#next > revision) return this.#wait(revision);
    if (this.#next < this.group.coversFrom) {
      if (this.#next < compactRevision) {
        return { kind: "compacted", watchId: this.id, compactRevision };
      }
      return this.#tell(this.#history.step(this.group, this.#next), revision);
    }
    const told = this.group.since(this.#next, this.#history);
    if (told) return this.#tell(told, revision);
    this.#next = revision + 1;
    return this.#wait(revision);
  }

  #wait(revision: number): WatchMessage | undefined {
    if (this.#wantsProgress) {
      this.#wantsProgress = false;
      this.group.wait(this, revision + 1);
      // A watch that is to begin ahead was told everything up to now, too.
      return { kind: "progress", watchId: this.id, revision };
    }
    this.group.wait(this, revision + 1);
    return undefined;
  }

  #tell(told: Told, revision: number): WatchMessage | "working" {
    if (told.batch.events.length === 0) {
      this.#next = told.next;
      this.wake();
      return "working";
    }
    return this.#part(told, revision);
  }

  #part(told: Told, revision: number): WatchMessage {
    const split = told.batch.split(this.#stream.maxMessageBytes);
    const batch = split ? split.head : told.batch;
    const isFragment = split?.isFragment ?? false;
    this.#rest = split && { batch: split.rest, next: told.next };
    this.#next = told.next;
    const isTold = !split && told.next > revision && !this.#wantsProgress;
    if (isTold) this.group.wait(this, told.next);
    else this.wake();
    return { kind: "events", watchId: this.id, revision, batch, isFragment };
  }
}
