import type { Random } from "@quorate/runtime";
import { SparseContent } from "./sparse-content.ts";

/** What was done to a file and is not durable yet. */
export type Change =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

/** What torn writes are made of: a disk writes a sector wholly or not at all. */
export const SECTOR_BYTES = 512;

/** What became, at a crash, of the changes that were not durable. */
export interface Fates {
  readonly survived: number;
  readonly vanished: number;
  readonly torn: number;
}

interface Pending {
  readonly number: number;
  readonly change: Change;
}

/** A file's bytes as programs see them, and as they would be after a crash. */
export class DiskFile {
  readonly #seen = new SparseContent();
  readonly #durable = new SparseContent();
  /** What the device was told and has not answered yet: at a crash it fares as what is pending. */
  readonly #underWay = new Set<Change>();
  #pending: Pending[] = [];
  #changes = 0;

  get size(): number {
    return this.#seen.size;
  }

  get usedBytes(): number {
    return this.#seen.usedBytes;
  }

  /** Changes made so far: what a `sync` that begins now will cover. */
  get changes(): number {
    return this.#changes;
  }

  read(into: Uint8Array, position: number): number {
    return this.#seen.read(into, position);
  }

  /** A change was asked for; `apply` follows, or `abandon`, or a crash. */
  begin(change: Change): void {
    this.#underWay.add(change);
  }

  abandon(change: Change): void {
    this.#underWay.delete(change);
  }

  apply(change: Change): void {
    this.#underWay.delete(change);
    applyTo(this.#seen, change);
    this.#pending.push({ number: this.#changes++, change: copied(change) });
  }

  /** Makes durable what was changed before there were `changes` changes. */
  sync(changes: number): void {
    for (const { number, change } of this.#pending) {
      if (number < changes) applyTo(this.#durable, change);
    }
    this.#pending = this.#pending.filter(({ number }) => number >= changes);
  }

  /** What a failed sync leaves: still seen, never durable, and no later sync will know of it. */
  forgetPending(): void {
    this.#pending = [];
  }

  /** A write that is durable at once; of what was pending, only what lies outside of it still is. */
  applyDurably(change: Change & { readonly kind: "write" }): void {
    this.#underWay.delete(change);
    const { bytes, position } = change;
    const pending = this.#pending;
    this.#pending = [];
    for (const { number, change: earlier } of pending) {
      // As a journal keeps the order of changes of the size.
      if (earlier.kind === "truncate") this.#durable.truncate(earlier.size);
      else {
        for (const part of outside(earlier, position, position + bytes.length)) {
          this.#pending.push({ number, change: part });
        }
      }
    }
    this.#seen.write(bytes, position);
    this.#durable.write(bytes, position);
    this.#changes++;
  }

  /** Power is lost: each pending change survives, vanishes or tears; without `random` all vanish. */
  crash(random: Random | undefined): Fates {
    const fates = { survived: 0, vanished: 0, torn: 0 };
    const pending = [...this.#pending.map(({ change }) => change), ...this.#underWay];
    for (const change of pending) fates[random ? this.#meetFate(change, random) : "vanished"]++;
    this.#pending = [];
    this.#underWay.clear();
    this.#seen.become(this.#durable);
    return fates;
  }

  /** The program is killed, the machine is not: what was under way happens wholly or not at all. */
  kill(random: Random): void {
    for (const change of [...this.#underWay]) {
      if (random.next() < 0.5) this.apply(change);
    }
    this.#underWay.clear();
  }

  /** One bit is another than was written, from now on and after any crash. */
  flipBit(position: number, bit: number): void {
    this.#seen.flipBit(position, bit);
    this.#durable.flipBit(position, bit);
  }

  /** A write that the device put at the wrong place, and says that it is durable at the right one. */
  misdirect(bytes: Uint8Array, position: number): void {
    this.#seen.write(bytes, position);
    this.#durable.write(bytes, position);
  }

  #meetFate(change: Change, random: Random): keyof Fates {
    const fate = random.next();
    if (fate < 1 / 3) return "vanished";
    if (fate < 2 / 3 || change.kind === "truncate" || change.bytes.length <= 1) {
      applyTo(this.#durable, change);
      return "survived";
    }
    for (const { position, bytes } of sectorsOf(change)) {
      if (random.next() < 0.5) this.#durable.write(bytes, position);
    }
    return "torn";
  }
}

/** A write as the device does it: sector by sector. */
export function* sectorsOf({
  position,
  bytes,
}: Change & { readonly kind: "write" }): Generator<Change & { readonly kind: "write" }> {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
    yield { kind: "write", position: position + at, bytes: bytes.subarray(at, end) };
    at = end;
  }
}

function applyTo(content: SparseContent, change: Change): void {
  if (change.kind === "truncate") content.truncate(change.size);
  else content.write(change.bytes, change.position);
}

function copied(change: Change): Change {
  return change.kind === "truncate" ? change : { ...change, bytes: change.bytes.slice() };
}

/** What `write` leaves outside of the bytes from `start` to `end`. */
function outside(
  write: Change & { readonly kind: "write" },
  start: number,
  end: number,
): (Change & { readonly kind: "write" })[] {
  const { position, bytes } = write;
  const before = bytes.subarray(0, Math.max(0, start - position));
  const after = bytes.subarray(Math.max(0, end - position));
  return [
    { ...write, bytes: before },
    { ...write, position: Math.max(position, end), bytes: after },
  ].filter((part) => part.bytes.length > 0);
}
