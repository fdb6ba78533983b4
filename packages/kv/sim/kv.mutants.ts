import type { MutantsOfTarget } from "@quorate/sim";

const CLIENT = "packages/kv/src/client";
const LEASE = "packages/kv/src/lease";
const STORE = "packages/kv/src/store";
const REPLICATION = "packages/replication/src";

const mutants: MutantsOfTarget = {
  target: "kv",
  maxSeeds: 300,
  mutants: [
    {
      bug: "duplicate apply: each attempt of a write has a number of its own",
      file: `${CLIENT}/write-task.ts`,
      original: "      sequence: this.#sequence,",
      planted: "      sequence: this.#session.sequences.begin(),",
    },
    {
      bug: "a write whose outcome is unknown is called rejected",
      file: `${CLIENT}/write-task.ts`,
      original: "return this.#maybeTaken ? unknown(end.reason) : notTaken(end);",
      planted: "return notTaken(end);",
    },
    {
      bug: "reads are answered from any node's state, unconfirmed",
      file: "packages/kv/src/read-together.ts",
      original: "consistency: this.#consistency,",
      planted: 'consistency: "stale" as const,',
    },
    {
      bug: "a watch skips what a snapshot brought",
      file: "packages/kv/src/watch/watch-groups.ts",
      original: "group.forget(this.#machine.revision + 1);",
      planted: "",
    },
    {
      bug: "a watch is told a revision twice",
      file: "packages/kv/src/watch/watch-group.ts",
      original: "next: history.revision + 1, from, upTo: last };",
      planted: "next: history.revision, from, upTo: last };",
    },
    {
      bug: "a watch begins below the compacted revision, and is told what is left",
      file: "packages/kv/src/watch/watcher.ts",
      original: "if (this.#next < compactRevision) {",
      planted: "if (this.#next < 0) {",
    },
    {
      bug: "a snapshot forgets how far a compaction was swept",
      file: `${STORE}/read-snapshot.ts`,
      original: "const sweptRevision = reader.varint();",
      planted: "const sweptRevision = reader.varint() * 0;",
    },
    {
      bug: "a lease's time goes on on a follower's clock, and is over when it leads",
      file: `${LEASE}/lease-keeper.ts`,
      original: "if (isLeading && !this.#stopped) {",
      planted: "if (!this.#lessor.isLeading && !this.#stopped) {",
    },
    {
      bug: "a lease does not have its full time again at a leader change",
      file: `${LEASE}/lessor.ts`,
      original: "for (const lease of leases) this.granted(lease, nowMs);",
      planted: "for (const lease of leases) this.granted(lease, nowMs - lease.ttlSeconds * 900);",
    },
    {
      bug: "a keep-alive is answered, and the lease is not renewed",
      file: `${LEASE}/lessor.ts`,
      original: "lease.deadlineMs = Math.max(lease.deadlineMs, deadlineMs);",
      planted: "lease.deadlineMs = Math.max(lease.deadlineMs, deadlineMs * 0);",
    },
    {
      bug: "a revoke leaves a key",
      file: `${STORE}/store.ts`,
      original: 'for (const key of keys) this.delete(key, "");',
      planted: 'for (const key of keys.slice(1)) this.delete(key, "");',
    },
    {
      bug: "a lease that nobody renews is never revoked",
      file: `${LEASE}/lessor.ts`,
      original: "if (isOver) ids.push(first.id);",
      planted: "",
    },
    {
      bug: "a watch is resumed one revision too late",
      file: `${CLIENT}/watch/client-watch.ts`,
      original: "return { ...this.#request, startRevision: this.#next };",
      planted: "return { ...this.#request, startRevision: this.#next + 1 };",
    },
    {
      bug: "a watch is resumed one revision too early",
      file: `${CLIENT}/watch/client-watch.ts`,
      original: "return { ...this.#request, startRevision: this.#next };",
      planted: "return { ...this.#request, startRevision: Math.max(1, this.#next - 1) };",
    },
    {
      bug: "a revision is split, and nobody says so",
      file: "packages/kv/src/watch/watch-event.ts",
      original: "isFragment: rest[0]!.kv.modRevision === this.events[count - 1]!.kv.modRevision,",
      planted: "isFragment: false,",
    },
    {
      bug: "what a watch was told of a revision is told again by the next node",
      file: `${CLIENT}/watch/client-watch.ts`,
      original: "this.#skip = this.#toldOfNext;",
      planted: "this.#skip = 0;",
    },
    {
      bug: "a watch skips what there is no room for",
      file: `${CLIENT}/watch/client-watch.ts`,
      original: "      this.#isAttached = false;\n      return false;\n",
      planted: "      this.#next = events.at(-1)!.kv.modRevision + 1;\n      return true;\n",
    },
    {
      bug: "a watch stays with a node that is cut off",
      file: "packages/kv/src/watch/watch-connection.ts",
      original: ".read(() => undefined, { timeoutMs })",
      planted: '.read(() => undefined, { timeoutMs, consistency: "stale" })',
    },
    {
      bug: "a mark of progress is for what is not told yet",
      file: "packages/kv/src/watch/watcher.ts",
      original: 'return { kind: "progress", watchId: this.id, revision };',
      planted: 'return { kind: "progress", watchId: this.id, revision: revision + 1 };',
    },
    {
      bug: "a compaction drops what a key was at the compacted revision",
      file: "packages/kv/src/history/key-history.ts",
      original: "const begin = isTombstone(entry) ? at + 1 : at;",
      planted: "const begin = at + 1;",
    },
    {
      bug: "a compare is taken to hold",
      file: `${STORE}/decide-transaction.ts`,
      original: "transaction.compares.every((compare) => holds(store, compare))",
      planted: "transaction.compares.every((compare) => holds(store, compare) || true)",
    },
    {
      bug: "a snapshot is no consistent view: later writes show in it",
      file: "packages/kv/src/history/change-log.ts",
      original: "between(entries, firstFrom(entries, head, from), end);",
      planted: "between(entries, firstFrom(entries, head, from), entries.length);",
    },
    {
      bug: "a snapshot lacks the revision",
      file: `${STORE}/read-snapshot.ts`,
      original: "const revision = reader.varint();",
      planted: "const revision = reader.varint() * 0 + 1;",
    },
    {
      bug: "sessions are dropped in a snapshot",
      file: `${REPLICATION}/sessioned-state-machine.ts`,
      original: "    this.#sessions.decode(sessions);\n",
      planted: "",
    },
    {
      bug: "duplicate apply after a restart: a snapshot says that it ends an entry earlier than it does",
      file: `${REPLICATION}/driver/snapshot-keeper.ts`,
      original: "const position = this.#applier.last;",
      planted: "const position = { ...this.#applier.last, index: this.#applier.last.index - 1 };",
    },
    {
      bug: "what a snapshot restored is applied again from the log",
      file: `${REPLICATION}/driver/applier.ts`,
      original: "    this.#last = position;\n",
      planted: "",
    },
    {
      bug: "a command that comes again is applied again",
      file: `${REPLICATION}/session-table.ts`,
      original: 'if (result) return { kind: "applied", result };',
      planted: "",
    },
    {
      bug: "a snapshot's checksum is not compared before it is restored",
      file: `${REPLICATION}/driver/snapshot-file.ts`,
      original: "for await (const _ of this.read());",
      planted: "",
    },
  ],
};

export default mutants;
