import type { DiscoveredInstance } from "../core/service-view.ts";

/** Who is there, at one revision of the store. */
export interface ServiceSnapshot {
  readonly service: string;
  /** Everything up to this revision is in it. */
  readonly revision: number;
  /** In the order of their ids. */
  readonly instances: readonly DiscoveredInstance[];
  /** So many have expired at once that they are kept, marked as expired. */
  readonly isProtected: boolean;
  /** The store cannot be reached: these are the last known. */
  readonly isStale: boolean;
}

/** Whether both tell the same, at whatever revision. */
export function isSameSnapshot(a: ServiceSnapshot, b: ServiceSnapshot): boolean {
  return (
    a.isProtected === b.isProtected &&
    a.isStale === b.isStale &&
    JSON.stringify(a.instances) === JSON.stringify(b.instances)
  );
}
