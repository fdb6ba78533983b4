import type { KvStateMachine } from "../kv-state-machine.ts";
import type { Entry } from "../history/entry.ts";
import { EventBatch } from "./watch-event.ts";
import type { Told, WatchGroup } from "./watch-group.ts";

/** Changes that one step reads: about a millisecond, after which others have their turn. */
const STEP_CHANGES = 1_000;

/** Reads, in bounded steps, what watches missed. */
export class HistoryReader {
  readonly #machine: KvStateMachine;
  /** The last step: watches that lag often lag together. */
  #last: { readonly from: number; readonly at: number; readonly changes: Entry[] } | undefined;

  constructor(machine: KvStateMachine) {
    this.#machine = machine;
  }

  get revision(): number {
    return this.#machine.revision;
  }

  get compactRevision(): number {
    return this.#machine.compactRevision;
  }

  /** The store is another one. */
  forget(): void {
    this.#last = undefined;
  }

  /** The events of a group in the next revisions from `from` on, which is not compacted. */
  step(group: WatchGroup, from: number): Told {
    const changes = this.#changes(from);
    const { reads, compactRevision } = this.#machine;
    const events = changes
      .filter((entry) => group.wants(entry))
      .map((entry) => group.eventOf(entry, reads, compactRevision));
    const next = (changes.at(-1)?.modRevision ?? this.revision) + 1;
    return { batch: new EventBatch(events), next };
  }

  #changes(from: number): Entry[] {
    const { revision, reads } = this.#machine;
    if (this.#last?.from === from && this.#last.at === revision) return this.#last.changes;
    const changes = reads.changes(from, STEP_CHANGES);
    this.#last = { from, at: revision, changes };
    return changes;
  }
}
