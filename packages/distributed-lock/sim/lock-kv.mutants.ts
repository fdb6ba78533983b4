import type { MutantsOfTarget } from "@quorate/sim";

const STORE = "packages/distributed-lock/src/quorate/quorate-store.ts";

const mutants: MutantsOfTarget = {
  target: "lock-kv",
  maxSeeds: 30,
  mutants: [
    {
      bug: "the nearest ahead are asked for without room for oneself",
      file: STORE,
      original: "this.#nearest(queue, blockers, blockers.limit + 1),",
      planted: "this.#nearest(queue, blockers, Math.max(1, blockers.limit)),",
    },
    {
      bug: "the token is how often the key was put, and not when it came into being",
      file: STORE,
      original: "const standing = { token: BigInt(own.createRevision),",
      planted: "const standing = { token: BigInt(own.version),",
    },
    {
      bug: "a renewal that failed counts as one that was acknowledged",
      file: STORE,
      original: "isGone(error)) return this.#ended(sessionId, call);\n      throw error;",
      planted:
        "isGone(error)) return this.#ended(sessionId, call);\n      return { ttlMs: lease.ttlSeconds * 1_000 };",
    },
    {
      bug: "contenders are put without the session's lease, and outlive it",
      file: STORE,
      original: "put(key, metadata, { lease: leaseOf(sessionId) }),",
      planted: "put(key, metadata),",
    },
    {
      bug: "who stands in line and asks again is told of those behind, too",
      file: STORE,
      original: "const before = { maxCreateRevision: own.createRevision - 1, revision };",
      planted: "const before = { revision };",
    },
  ],
};

export default mutants;
