import {
  type Compare,
  createRevision,
  lease,
  type Operation,
  type OperationResult,
  put,
  type Transaction,
} from "@quorate/kv";
import type { RegistryStore } from "../registry-store.ts";

/**
 * - `written`: it stands there.
 * - `superseded`: somebody else's stands there.
 * - `unknown`: it may stand there now, or soon, or not.
 * - `rejected`: it does not; `reason` is the store's.
 */
export type Written =
  | { readonly kind: "written" | "superseded" | "unknown" }
  | { readonly kind: "rejected"; readonly reason: string };

/** Leases that are remembered; of those before, nothing can stand there any more. */
const MAX_LEASES = 8;

/** The one key of an instance. Who may write there is told by the lease of what stands there. */
export class PlaceInStore {
  readonly #store: RegistryStore;
  readonly #key: string;
  /** Under which a record of this process may stand there. */
  #leases: number[] = [];
  #hasWritten = false;

  constructor(store: RegistryStore, key: string) {
    this.#store = store;
    this.#key = key;
  }

  /**
   * The first record takes the place whoever had it: a process that comes back under its old name does not
   * wait for its own lease. Later ones replace nobody else's.
   */
  async write(record: string, leaseId: number, signal?: AbortSignal): Promise<Written> {
    if (!this.#leases.includes(leaseId)) {
      this.#leases = [leaseId, ...this.#leases].slice(0, MAX_LEASES);
    }
    const operation = put(this.#key, record, { lease: leaseId });
    const transaction = this.#hasWritten
      ? firstThatHolds(this.#isOurs(), operation)
      : firstThatHolds([], operation);
    const outcome = await this.#store.transaction(transaction, signal ? { signal } : {});
    if (outcome.kind === "rejected") return { kind: "rejected", reason: outcome.reason };
    if (outcome.kind === "unknown") return { kind: "unknown" };
    if (!hasPut(outcome.result)) return { kind: "superseded" };
    this.#hasWritten = true;
    this.#leases = [leaseId];
    return { kind: "written" };
  }

  #isOurs(): readonly Compare[] {
    const isFree = createRevision(this.#key, "=", 0);
    return [isFree, ...this.#leases.map((each) => lease(this.#key, "=", each))];
  }
}

/** Does it if one of the compares holds, or if there are none. */
function firstThatHolds(compares: readonly Compare[], operation: Operation): Transaction {
  const [first, ...others] = compares;
  return {
    kind: "transaction",
    compares: first ? [first] : [],
    success: [operation],
    failure: others.length > 0 ? [firstThatHolds(others, operation)] : [],
  };
}

function hasPut(result: OperationResult): boolean {
  return result.kind === "put" || (result.kind === "transaction" && result.results.some(hasPut));
}
