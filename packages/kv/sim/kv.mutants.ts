import type { MutantsOfTarget } from "@quorate/sim";

const CLIENT = "packages/kv/src/client";
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
      file: "packages/kv/src/serve-kv.ts",
      original: ".read((state) => state.query(command), { consistency, timeoutMs })",
      planted: '.read((state) => state.query(command), { consistency: "stale", timeoutMs })',
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
