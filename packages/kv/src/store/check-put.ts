import { KvError } from "../kv-error.ts";
import type { DecodedPut } from "../operation.ts";
import type { Store } from "./store.ts";

/** @throws {KvError} `lease-not-found`. */
export function checkLease(store: Store, { lease }: DecodedPut): void {
  if (lease === 0 || store.leases.get(lease)) return;
  throw new KvError("lease-not-found", `there is no lease ${lease}`);
}

/** @throws {KvError} `key-not-found`. */
export function checkKept(store: Store, { key, ignoreValue, ignoreLease }: DecodedPut): void {
  if (!(ignoreValue || ignoreLease) || store.reads.get(key)) return;
  throw new KvError("key-not-found", "a key that does not exist has no value or lease to keep");
}
