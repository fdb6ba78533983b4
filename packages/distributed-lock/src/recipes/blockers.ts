import type { Blockers, Role } from "../store/coordination-store.ts";

const BY_ANYBODY: Blockers = { roles: "any", limit: 1 };
const BY_WRITERS: Blockers = { roles: "exclusive", limit: 1 };

/**
 * Readers wait for the nearest writer ahead, whether it holds or waits, and writers for everybody ahead:
 * in the order of the queue, so that neither starves.
 */
export function readersAndWriters(role: Role): Blockers {
  return role === "shared" ? BY_WRITERS : BY_ANYBODY;
}

/** As many as there are permits hold at once, in the order of the queue. */
export function permits(count: number): (role: Role) => Blockers {
  const blockers: Blockers = { roles: "any", limit: count };
  return () => blockers;
}
