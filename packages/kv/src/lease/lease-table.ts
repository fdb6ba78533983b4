import type { ByteString } from "../byte-string.ts";
import type { Records } from "../engine/records.ts";

/** A lease as the store has it. How long it has left is for the leader's `Lessor` to say. */
export interface Lease {
  readonly id: number;
  /** Seconds, as it was granted. */
  readonly ttlSeconds: number;
}

interface HeldLease extends Lease {
  readonly keys: Set<ByteString>;
}

const NOTHING = new Uint8Array(0);
const NO_KEYS: ReadonlySet<ByteString> = new Set();

/** The leases that were granted and not revoked, and the keys that go with each. */
export class LeaseTable {
  readonly #leases = new Map<number, HeldLease>();
  readonly #records: Records | undefined;

  /** With those that are in `records`, and writing to them what changes. */
  constructor(records?: Records) {
    for (const [name, value] of records?.startingWith("lease/") ?? []) {
      const id = Number(name.slice("lease/".length));
      this.#leases.set(id, { id, ttlSeconds: Number(asText(value)), keys: new Set() });
    }
    for (const [name] of records?.startingWith("leased/") ?? []) {
      const [, id] = name.split("/", 2) as [string, string];
      this.#leases.get(Number(id))?.keys.add(name.slice(`leased/${id}/`.length));
    }
    this.#records = records;
  }

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
    this.#records?.set(`lease/${id}`, Buffer.from(String(ttlSeconds)));
  }

  /** Its keys must be deleted already. */
  remove(id: number): void {
    this.#leases.delete(id);
    this.#records?.delete(`lease/${id}`);
  }

  /** To a lease that there is; else nothing is done. */
  attach(id: number, key: ByteString): void {
    const lease = id === 0 ? undefined : this.#leases.get(id);
    if (!lease) return;
    lease.keys.add(key);
    this.#records?.set(`leased/${id}/${key}`, NOTHING);
  }

  detach(id: number, key: ByteString): void {
    if (id === 0) return;
    this.#leases.get(id)?.keys.delete(key);
    this.#records?.delete(`leased/${id}/${key}`);
  }
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
