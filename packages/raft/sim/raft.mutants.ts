import type { MutantsOfTarget } from "@quorate/sim";

const STORAGE = "packages/raft/src/storage";
const REPLICATION = "packages/replication/src";

const mutants: MutantsOfTarget = {
  target: "raft",
  maxSeeds: 300,
  mutants: [
    {
      bug: "a read does not wait until what it must see is applied",
      file: `${REPLICATION}/driver/linearizable-reads.ts`,
      original: "else if (index <= this.#appliedIndex) this.#serve(read);",
      planted: "else if (index <= Infinity) this.#serve(read);",
    },
    {
      bug: "a snapshot is not synced before it replaces the log",
      file: `${REPLICATION}/driver/snapshot-file.ts`,
      original: "    await file.sync();\n",
      planted: "",
    },
    {
      bug: "a snapshot's name is not synced before the log is cut for it",
      file: `${REPLICATION}/driver/snapshot-store.ts`,
      original: "    await this.#fileSystem.syncDirectory(this.#directory);\n",
      planted: "",
    },
    {
      bug: "a snapshot's checksum is not compared",
      file: `${REPLICATION}/driver/snapshot-file.ts`,
      original: "if (found === checksum) return;",
      planted: "return;",
    },
    {
      bug: "the proof of a hard state does not wait for entries that were issued before it",
      file: `${STORAGE}/wal-storage.ts`,
      original: "Promise.all([this.#persisted, this.#write(write)]).then(",
      planted: "this.#write(write).then(",
    },
    {
      bug: "entries are durable before the term that they came with",
      file: `${STORAGE}/wal-storage.ts`,
      original: "      await written;\n",
      planted: "      void written.catch(() => {});\n",
    },
    {
      bug: "sessions are dropped in a snapshot",
      file: `${REPLICATION}/sessioned-state-machine.ts`,
      original: "    this.#sessions.decode(sessions);\n",
      planted: "",
    },
    {
      bug: "a command that comes again is applied again",
      file: `${REPLICATION}/session-table.ts`,
      original: 'if (result) return { kind: "applied", result };',
      planted: "",
    },
    {
      bug: "a command that comes again within one batch is applied twice",
      file: `${REPLICATION}/sessioned-state-machine.ts`,
      original: "if (this.#freshSequences.has(session.sequence)) this.#flush();",
      planted: "",
    },
  ],
};

export default mutants;
