import type { KvStateMachine } from "../kv-state-machine.ts";
import { EventBatch } from "./watch-event.ts";
import type { Told, WatchGroup } from "./watch-group.ts";

/** Changes that one step reads: some milliseconds, after which others have their turn. */
const STEP_CHANGES = 4_096;

/** Steps that are kept: watches that lag often lag together. */
const MAX_KEPT_STEPS = 64;

/** Reads, in bounded steps, what watches missed. */
export class HistoryReader {
  readonly #machine: KvStateMachine;
  /** By where they begin, the oldest first. What they tell is past, and does not change any more. */
  readonly #steps = new Map<number, Map<WatchGroup, Told>>();

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
    this.#steps.clear();
  }

  /** The events of a group in the next revisions from `from` on, which is not compacted. */
  step(group: WatchGroup, from: number): Told {
    const known = this.#steps.get(from)?.get(group);
    if (known) return known;
    const { reads, compactRevision, revision } = this.#machine;
    const changes = reads.changes(from, STEP_CHANGES);
    const events = changes
      .filter((entry) => group.wants(entry))
      .map((entry) => group.eventOf(entry, reads, compactRevision));
    const next = (changes.at(-1)?.modRevision ?? revision) + 1;
    const told = { batch: new EventBatch(events), next };
    this.#keep(group, from, told);
    return told;
  }

  #keep(group: WatchGroup, from: number, told: Told): void {
    const steps = this.#steps.get(from) ?? new Map<WatchGroup, Told>();
    if (steps.size >= MAX_KEPT_STEPS) steps.clear();
    steps.set(group, told);
    this.#steps.set(from, steps);
    if (this.#steps.size > MAX_KEPT_STEPS) this.#steps.delete(this.#steps.keys().next().value!);
  }
}
