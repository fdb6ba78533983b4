import type { Random } from "../random.ts";

/** What was done to a file and is not durable yet, in order. */
type PendingChange =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

/** What torn writes are made of: a disk writes a sector wholly or not at all. */
const SECTOR_BYTES = 512;

/** A file's bytes as programs see them, and as they would be after a crash. */
export class MemoryDiskFile {
  readonly #seen = new Content();
  readonly #durable = new Content();
  #pending: PendingChange[] = [];

  get size(): number {
    return this.#seen.size;
  }

  read(into: Uint8Array, position: number): number {
    const found = this.#seen.bytes().subarray(position, position + into.length);
    into.set(found);
    return found.length;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#seen.write(bytes, position);
    this.#pending.push({ kind: "write", position, bytes: bytes.slice() });
  }

  /**
   * Makes a write durable and no other. Of what earlier ones share with it only its bytes are left;
   * earlier truncations become durable with it, as a journal keeps their order.
   */
  syncWrite(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    const pending = this.#pending;
    this.#pending = [];
    for (const change of pending) {
      if (change.kind === "truncate") this.#durable.truncate(change.size);
      else this.#pending.push(...outside(change, position, end));
    }
    this.#durable.write(bytes, position);
  }

  sync(): void {
    for (const change of this.#pending) {
      if (change.kind === "truncate") this.#durable.truncate(change.size);
      else this.#durable.write(change.bytes, change.position);
    }
    this.#pending = [];
  }

  truncate(size: number): void {
    this.#seen.truncate(size);
    this.#pending.push({ kind: "truncate", size });
  }

  /** Power is lost: with `random`, each pending change survives, vanishes or tears; else all vanish. */
  crash(random: Random | undefined): void {
    for (const change of random ? this.#pending : []) this.#survive(change, random!);
    this.#pending = [];
    this.#seen.become(this.#durable);
  }

  /** Turns over one bit of what is stored, as a disk that rots. */
  flipBit(position: number, bit: number): void {
    for (const content of [this.#seen, this.#durable]) {
      const bytes = content.bytes();
      const value = bytes[position];
      if (value !== undefined) bytes[position] = value ^ (1 << bit);
    }
  }

  #survive(change: PendingChange, random: Random): void {
    const fate = random.next();
    if (fate < 1 / 3) return;
    if (change.kind === "truncate") {
      this.#durable.truncate(change.size);
      return;
    }
    const torn = fate < 2 / 3;
    const { position, bytes } = change;
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
      if (!torn || random.next() < 0.5) this.#durable.write(bytes.subarray(at, end), position + at);
      at = end;
    }
  }
}

/** Bytes that grow; what lies between what was written reads as zeros. */
class Content {
  #memory = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#size);
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#memory.length) this.#grow(end);
    this.#memory.set(bytes, position);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    // Bytes beyond the end must read as zeros if the file grows again.
    this.#memory.fill(0, Math.min(size, this.#size), this.#size);
    if (size > this.#memory.length) this.#grow(size);
    this.#size = size;
  }

  become(other: Content): void {
    this.#memory = new Uint8Array(other.bytes());
    this.#size = other.#size;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#memory.length));
    larger.set(this.#memory);
    this.#memory = larger;
  }
}

/** What `write` leaves outside of the bytes from `start` to `end`. */
function outside(
  write: PendingChange & { readonly kind: "write" },
  start: number,
  end: number,
): PendingChange[] {
  const { position, bytes } = write;
  const parts = [
    { ...write, bytes: bytes.subarray(0, Math.max(0, start - position)) },
    {
      ...write,
      position: Math.max(position, end),
      bytes: bytes.subarray(Math.max(0, end - position)),
    },
  ];
  return parts.filter((part) => part.bytes.length > 0);
}
