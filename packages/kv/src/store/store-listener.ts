import type { Entry } from "../history/entry.ts";
import type { Lease } from "../lease/lease-table.ts";

/** Told what commands did, after each, on every replica alike. Must not throw or change the store. */
export interface StoreListener {
  /** What a transaction wrote, at least one entry, in its order. Never changed afterwards. */
  committed?(revision: number, entries: readonly Entry[]): void;
  granted?(lease: Lease): void;
  revoked?(leaseId: number): void;
  /** The state is another one, from a snapshot: later than before, or, after damage, earlier. */
  restored?(): void;
}
