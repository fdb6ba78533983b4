import { KvError } from "./kv-error.ts";

/** How a store behaves. The same on all replicas, or their states differ. */
export interface KvMachineOptions {
  /**
   * Bytes, from 1, of keys and values of all versions that are kept, with 64 for each version. A write
   * that would go above is refused with `no-space`, as are all from then on until `disarm`.
   *
   * @default 2_147_483_648
   */
  readonly quotaBytes?: number;
  /**
   * Revisions, from 1, of which the past is kept at least, and twice as many at most: the store
   * compacts itself. 0: only by `compact`, as in etcd.
   *
   * @default 0
   */
  readonly keepRevisions?: number;
  /**
   * Seconds, from 1. Leases are granted for no less; it should be above the time that it takes to elect
   * a leader.
   *
   * @default 2
   */
  readonly minLeaseTtlSeconds?: number;
}

/** Every default filled in, every field checked. */
export function validatedMachineOptions(options: KvMachineOptions): Required<KvMachineOptions> {
  const { quotaBytes = 2_147_483_648, keepRevisions = 0, minLeaseTtlSeconds = 2 } = options;
  check("quotaBytes", quotaBytes, 1);
  check("keepRevisions", keepRevisions, 0);
  check("minLeaseTtlSeconds", minLeaseTtlSeconds, 1);
  return { quotaBytes, keepRevisions, minLeaseTtlSeconds };
}

function check(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new KvError("invalid-option", `${name} must be a whole number from ${least}, not ${value}`);
}
