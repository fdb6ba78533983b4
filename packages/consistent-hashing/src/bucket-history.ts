import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import type { Membership } from "./core/membership.ts";
import type { BucketHistory } from "./core/placement.ts";

/** The part of a state that says which node has which bucket. */
export interface SavedBuckets {
  readonly buckets: readonly (string | null)[];
  readonly removed: readonly number[];
}

/**
 * The same by slots, after checking that it can have come from a set with these nodes.
 *
 * @throws {ConsistentHashingError} `invalid-state`
 */
export function bucketHistory(saved: SavedBuckets, members: Membership): BucketHistory {
  const { buckets, removed } = saved;
  if (!Array.isArray(buckets) || !Array.isArray(removed)) {
    throw invalid("buckets and removed must be arrays");
  }
  const counts = new Map<string, number>();
  for (const name of saved.buckets) {
    if (name === null) continue;
    if (!members.has(name)) throw invalid(`a bucket belongs to ${name}, which is no node`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const slot of members.byName) {
    const { name, weight } = members.node(slot);
    if (counts.get(name) !== weight) throw invalid(`${name} has not as many buckets as weight`);
  }
  const gone = new Set(saved.removed);
  const empty = saved.buckets.filter((name) => name === null).length;
  if (gone.size !== removed.length || gone.size !== empty) {
    throw invalid("removed must name each bucket without a node once");
  }
  for (const bucket of gone) {
    if (saved.buckets[bucket] !== null) throw invalid(`bucket ${bucket} was not removed`);
  }
  return {
    buckets: saved.buckets.map((name) => (name === null ? null : members.slot(name))),
    removed: saved.removed,
  };
}

function invalid(message: string): ConsistentHashingError {
  return new ConsistentHashingError("invalid-state", `not a state of a set of nodes: ${message}`);
}
