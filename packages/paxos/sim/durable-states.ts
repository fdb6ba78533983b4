import type { Write } from "../src/core/persistence.ts";
import { isSameBallot } from "../src/core/ballot.ts";
import type { KeyState, RegisterRecord, RegisterStorage } from "../src/register/index.ts";

/** What one disk must have of each key. */
class Expected {
  /** What was durable last; a key that is not in it has no state. */
  readonly durable = new Map<string, KeyState>();
  /** What was on its way to the disk, oldest first: a crash may keep it or lose it. */
  pending: Write<RegisterRecord>[] = [];
}

/**
 * Remembers what storages said to be durable, and looks after each restart whether it is there: what an
 * acceptor has promised or accepted, and that what was forgotten stays so (paxos.md, 3 and 17). By what
 * users see, the loss of one acceptor's memory shows too rarely.
 */
export class DurableStates {
  readonly #byDisk = new Map<string, Expected>();

  /** A disk of that name is empty. */
  lost(disk: string): void {
    this.#byDisk.delete(disk);
  }

  /** A storage has been loaded from a disk: whether it has all it should. */
  async check(disk: string, storage: RegisterStorage): Promise<void> {
    const expected = this.#byDisk.get(disk);
    if (!expected) return;
    const { durable, pending } = expected;
    const records = pending.flatMap((write) => write.records);
    if (records.some(({ kind }) => kind === "reset")) return this.lost(disk);
    for (const [key, state] of durable) {
      const later = records.flatMap((record) =>
        record.kind === "key" && record.key === key ? [record.state] : [],
      );
      const found = await storage.read(key);
      if (![state, ...later].some((each) => isSame(each, found))) {
        throw new Error(
          `${disk} has lost what it had of ${key}: ${show(state)}, now ${show(found)}`,
        );
      }
      durable.set(key, found);
    }
    expected.pending = [];
  }

  begun(disk: string, write: Write<RegisterRecord>): void {
    this.#of(disk).pending.push(write);
  }

  done(disk: string, write: Write<RegisterRecord>): void {
    const expected = this.#of(disk);
    expected.pending = expected.pending.filter((each) => each !== write);
    for (const record of write.records) {
      if (record.kind === "reset") expected.durable.clear();
      if (record.kind === "key") expected.durable.set(record.key, record.state);
    }
  }

  #of(disk: string): Expected {
    const known = this.#byDisk.get(disk) ?? new Expected();
    this.#byDisk.set(disk, known);
    return known;
  }
}

function isSame(a: KeyState, b: KeyState): boolean {
  if (!a || !b) return a === b;
  const [mine, other] = [a.accepted?.ballot, b.accepted?.ballot];
  const isAccepted = mine && other ? isSameBallot(mine, other) : mine === other;
  return isAccepted && isSameBallot(a.promised, b.promised);
}

function show(state: KeyState): string {
  return JSON.stringify({ promised: state?.promised, accepted: state?.accepted?.ballot });
}
