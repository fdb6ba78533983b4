import type { StoreReads } from "../engine/store-engine.ts";
import type { KvStateMachine } from "../kv-state-machine.ts";
import type { History, Told, WatchGroup } from "./watch-group.ts";

/** Changes that one step reads: some milliseconds, after which others have their turn. */
const STEP_CHANGES = 4_096;

/** Steps that are kept: watches that lag often lag together. */
const MAX_KEPT_STEPS = 64;

/** Reads, in bounded steps, what watches missed. */
export class HistoryReader implements History {
  readonly #machine: KvStateMachine;
  /** By where they begin, the oldest first. What they tell is past, and does not change any more. */
  readonly #steps = new Map<number, Map<WatchGroup, Told>>();

  constructor(machine: KvStateMachine) {
    this.#machine = machine;
  }

  get revision(): number {
    return this.#machine.revision;
  }

  get reads(): StoreReads {
    return this.#machine.reads;
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
    const changes = this.reads.changes(from, STEP_CHANGES);
    const wanted = changes.filter((entry) => group.wants(entry));
    const next = (changes.at(-1)?.modRevision ?? this.revision) + 1;
    const told = { batch: group.eventsOf(wanted, this), next };
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
