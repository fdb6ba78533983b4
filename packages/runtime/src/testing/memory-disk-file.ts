import type { Random } from "../random.ts";

interface PendingWrite {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** What torn writes are made of: a disk writes a sector wholly or not at all. */
const SECTOR_BYTES = 512;

/** A file's bytes as programs see them, and as they would be after a crash. */
export class MemoryDiskFile {
  #bytes = new Uint8Array(0);
  #durable = new Uint8Array(0);
  #pending: PendingWrite[] = [];
  #size = 0;
  #durableSize = 0;

  get size(): number {
    return this.#size;
  }

  read(into: Uint8Array, position: number): number {
    const found = this.#bytes.subarray(position, Math.min(this.#size, position + into.length));
    into.set(found);
    return found.length;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#bytes = put(this.#bytes, bytes, position);
    this.#size = Math.max(this.#size, position + bytes.length);
    this.#pending.push({ position, bytes: bytes.slice() });
  }

  writeDurably(bytes: Uint8Array, position: number): void {
    this.write(bytes, position);
    this.#pending.pop();
    this.#persist(bytes, position);
  }

  sync(): void {
    for (const { position, bytes } of this.#pending) this.#persist(bytes, position);
    this.#pending = [];
    this.#durableSize = this.#size;
  }

  truncate(size: number): void {
    // Bytes beyond the end must read as zeros if the file grows again.
    this.#bytes.fill(0, Math.min(size, this.#bytes.length));
    this.#durable.fill(0, Math.min(size, this.#durable.length));
    this.#bytes = put(this.#bytes, new Uint8Array(0), size);
    this.#pending = this.#pending.flatMap((write) => clipped(write, size));
    this.#size = size;
    this.#durableSize = Math.min(this.#durableSize, size);
  }

  /** Power is lost: with `random`, each pending write survives, vanishes or tears; else all vanish. */
  crash(random: Random | undefined): void {
    for (const { position, bytes } of random ? this.#pending : []) this.#survive(position, bytes, random!);
    this.#pending = [];
    this.#bytes = this.#durable.slice();
    this.#size = this.#durableSize;
  }

  /** Turns over one bit of what is stored, as a disk that rots. */
  flipBit(position: number, bit: number): void {
    for (const bytes of [this.#bytes, this.#durable]) {
      const value = bytes[position];
      if (value !== undefined) bytes[position] = value ^ (1 << bit);
    }
  }

  #survive(position: number, bytes: Uint8Array, random: Random): void {
    const fate = random.next();
    if (fate < 1 / 3) return;
    const torn = fate < 2 / 3;
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
      if (!torn || random.next() < 0.5) this.#persist(bytes.subarray(at, end), position + at);
      at = end;
    }
  }

  #persist(bytes: Uint8Array, position: number): void {
    this.#durable = put(this.#durable, bytes, position);
    this.#durableSize = Math.max(this.#durableSize, position + bytes.length);
  }
}

function clipped({ position, bytes }: PendingWrite, size: number): PendingWrite[] {
  return position < size ? [{ position, bytes: bytes.subarray(0, size - position) }] : [];
}

/** `into` with `bytes` at `position`: in place where they fit, else in a copy of twice the size. */
function put(
  into: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array,
  position: number,
): Uint8Array<ArrayBuffer> {
  const end = position + bytes.length;
  let target = into;
  if (end > into.length) {
    target = new Uint8Array(Math.max(end, 2 * into.length));
    target.set(into);
  }
  target.set(bytes, position);
  return target;
}
