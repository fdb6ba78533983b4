import { ReplicationError } from "../replication-error.ts";
import type { Applied, SessionedStateMachine } from "../sessioned-state-machine.ts";
import type { Committed } from "../state-machine.ts";
import { type Entry, payloadOf } from "./entry.ts";
import type { LogPosition } from "./log-position.ts";

/** What the applier tells of its work. */
export interface ApplierEvents {
  readonly applied: (index: number, term: number, applied: Applied) => void;
  readonly restored: (upTo: LogPosition) => void;
  /** Everything that was handed over so far is done. */
  readonly caughtUp: () => void;
}

/** Applies committed entries in order, and lets them wait while a snapshot is taken over. */
export class Applier {
  readonly #machine: SessionedStateMachine;
  readonly #events: ApplierEvents;
  /** Work that waits for a restore; its entries are in the log anyway, so it costs no memory. */
  readonly #later: (() => void)[] = [];
  /** Restores that have begun and are not over. */
  #restores = 0;
  #last: LogPosition;
  #bytesSinceSnapshot = 0;

  constructor(machine: SessionedStateMachine, applied: LogPosition, events: ApplierEvents) {
    this.#machine = machine;
    this.#last = applied;
    this.#events = events;
  }

  get last(): LogPosition {
    return this.#last;
  }

  get isRestoring(): boolean {
    return this.#restores > 0;
  }

  /** Bytes of entries that were applied since the last snapshot began. */
  get bytesSinceSnapshot(): number {
    return this.#bytesSinceSnapshot;
  }

  snapshotBegins(): void {
    this.#bytesSinceSnapshot = 0;
  }

  /** From now on entries wait, until each restore that has begun is over. */
  restoreBegins(): void {
    this.#restores++;
  }

  /** One that had begun is over, or was not needed any more. */
  restoreEnds(): void {
    this.#restores--;
    if (this.isRestoring) return;
    for (const work of this.#later.splice(0)) work();
    this.#events.caughtUp();
  }

  apply(firstIndex: number, entries: readonly Entry[]): void {
    if (this.isRestoring) this.#later.push(() => this.#apply(firstIndex, entries));
    else this.#apply(firstIndex, entries);
  }

  /**
   * Takes over a state that ends at `position`, which is beyond what was applied; what was handed over
   * before is done already. One at a time.
   */
  async restore(position: LogPosition, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#machine.restore(chunks, position);
    this.#last = position;
    this.#bytesSinceSnapshot = 0;
    this.#events.restored(position);
    this.restoreEnds();
  }

  #apply(firstIndex: number, entries: readonly Entry[]): void {
    const commands: Committed[] = [];
    const terms: number[] = [];
    const { index } = this.#last;
    // Whatever went wrong before, a state with a hole in it must not be.
    if (firstIndex > index + 1) {
      throw new ReplicationError("corrupt", `entry ${firstIndex} would be applied after ${index}`);
    }
    // The snapshot that was restored may have been a later one than the core knew of.
    const covered = Math.max(0, index + 1 - firstIndex);
    if (covered >= entries.length) return;
    for (let at = covered; at < entries.length; at++) {
      const entry = entries[at]!;
      this.#bytesSinceSnapshot += entry.record.length;
      if (entry.kind !== "command") continue;
      commands.push({ index: firstIndex + at, command: payloadOf(entry) });
      terms.push(entry.term);
    }
    const last = { index: firstIndex + entries.length - 1, term: entries.at(-1)!.term };
    const results = commands.length > 0 ? this.#machine.apply(commands, last) : [];
    this.#last = last;
    for (let at = 0; at < results.length; at++) {
      this.#events.applied(commands[at]!.index, terms[at]!, results[at]!);
    }
    this.#events.caughtUp();
  }
}
