import type { ByteString } from "../byte-string.ts";

/** A lease as the store has it. How long it has left is for the leader's `Lessor` to say. */
export interface Lease {
  readonly id: number;
  /** Seconds, as it was granted. */
  readonly ttlSeconds: number;
}

interface HeldLease extends Lease {
  readonly keys: Set<ByteString>;
}

const NO_KEYS: ReadonlySet<ByteString> = new Set();

/** The leases that were granted and not revoked, and the keys that go with each. */
export class LeaseTable {
  readonly #leases = new Map<number, HeldLease>();

  get size(): number {
    return this.#leases.size;
  }

  get(id: number): Lease | undefined {
    return this.#leases.get(id);
  }

  /** All of them, in the order of their ids. */
  all(): Lease[] {
    return [...this.#leases.values()].toSorted((a, b) => a.id - b.id);
  }

  /** In the order of their bytes. */
  keysOf(id: number): ByteString[] {
    return [...(this.#leases.get(id)?.keys ?? NO_KEYS)].toSorted();
  }

  grant({ id, ttlSeconds }: Lease): void {
    this.#leases.set(id, { id, ttlSeconds, keys: new Set() });
  }

  /** Its keys must be deleted already. */
  remove(id: number): void {
    this.#leases.delete(id);
  }

  attach(id: number, key: ByteString): void {
    this.#leases.get(id)?.keys.add(key);
  }

  detach(id: number, key: ByteString): void {
    this.#leases.get(id)?.keys.delete(key);
  }
}
