import type { MutantsOfTarget } from "@quorate/sim";

const CORE = "packages/raft/src/core";
const DRIVER = "packages/raft/src/driver";
const STORAGE = "packages/raft/src/storage";
const REPLICATION = "packages/replication/src";

const mutants: MutantsOfTarget = {
  target: "raft",
  maxSeeds: 300,
  mutants: [
    {
      bug: "quorum minus one",
      file: `${CORE}/quorum.ts`,
      original: "return Math.floor(this.ids.length / 2) + 1;",
      planted: "return Math.floor(this.ids.length / 2);",
    },
    {
      bug: "figure 8: replicas of an entry of an earlier term are counted",
      file: `${CORE}/leader.ts`,
      original: "if (index <= this.#server.commitIndex || log.termAt(index) !== term) return;",
      planted: "if (index <= this.#server.commitIndex) return;",
    },
    {
      bug: "a vote is not persisted",
      file: `${CORE}/raft-core.ts`,
      original: "if (votedFor === undefined) this.#server.setHardState(term, from);",
      planted: "this.#server.votedFor = from;",
    },
    {
      bug: "the vote is forgotten on stepping down within a term",
      file: `${CORE}/raft-core.ts`,
      original: "if (term > this.#server.term) this.#server.setHardState(term, undefined);",
      planted: "this.#server.setHardState(term, undefined);",
    },
    {
      bug: "the longer log is taken for the newer one",
      file: `${CORE}/log-position.ts`,
      original:
        "return log.term === other.term ? log.index >= other.index : log.term > other.term;",
      planted: "return log.index >= other.index;",
    },
    {
      bug: "truncation without conflict: every append cuts what follows",
      file: `${CORE}/follower.ts`,
      original: "if (present === entry.term) return;",
      planted: "",
    },
    {
      bug: "no truncation: conflicting entries stay",
      file: `${CORE}/follower.ts`,
      original: "log.truncateAfter(index - 1);",
      planted: "return;",
    },
    {
      bug: "entries are appended without a look at the one before",
      file: `${CORE}/follower.ts`,
      original: "if (!log.has(previous)) {",
      planted: "if (previous.index > log.lastIndex) {",
    },
    {
      bug: "a follower commits beyond the entry that it verified",
      file: `${CORE}/follower.ts`,
      original: "this.#commitTo(Math.min(commitIndex, lastVerified));",
      planted: "this.#commitTo(Math.min(commitIndex, log.lastIndex));",
    },
    {
      bug: "a heartbeat commits what the follower may not have",
      file: `${CORE}/leader.ts`,
      original: "commitIndex: Math.min(commitIndex, matchIndex),",
      planted: "commitIndex,",
    },
    {
      bug: "a promise of an earlier term is kept in a later one",
      file: `${CORE}/persistence.ts`,
      original: "if (message.term !== term) continue;",
      planted: "",
    },
    {
      bug: "answers are sent one write too early",
      file: `${CORE}/persistence.ts`,
      original: "findIndex(({ sequence }) => sequence > this.#proof.sequence)",
      planted: "findIndex(({ sequence }) => sequence > this.#proof.sequence + 1)",
    },
    {
      bug: "the leader counts its own entries before they are on its disk",
      file: `${CORE}/raft-core.ts`,
      original: "if (write && leader) server.promise(server.id, ownAcceptance(server));",
      planted: "if (write && leader) leader.receive(server.id, ownAcceptance(server));",
    },
    {
      bug: "ReadIndex before the first commit of the term",
      file: `${CORE}/leader.ts`,
      original: "if (this.#reads.isDue && this.knowsCommitIndex) {",
      planted: "if (this.#reads.isDue) {",
    },
    {
      bug: "a read is confirmed by an earlier round",
      file: `${CORE}/read-rounds.ts`,
      original: "if (number > reached) break;",
      planted: "if (number > reached + 1) break;",
    },
    {
      bug: "a read does not wait until what it must see is applied",
      file: `${DRIVER}/linearizable-reads.ts`,
      original: "else if (index <= this.#appliedIndex) this.#serve(read);",
      planted: "else if (index <= Infinity) this.#serve(read);",
    },
    {
      bug: "a snapshot from the leader does not reset the log on disk",
      file: `${CORE}/follower.ts`,
      original: "server.persistence.logReset(last);",
      planted: "",
    },
    {
      bug: "a snapshot is not synced before it replaces the log",
      file: `${STORAGE}/snapshot-file.ts`,
      original: "    await file.sync();\n",
      planted: "",
    },
    {
      bug: "a snapshot's name is not synced before the log is cut for it",
      file: `${STORAGE}/snapshot-store.ts`,
      original: "    await this.#fileSystem.syncDirectory(this.#directory);\n",
      planted: "",
    },
    {
      bug: "a snapshot's checksum is not compared",
      file: `${STORAGE}/snapshot-file.ts`,
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
      planted: "      void written;\n",
    },
    {
      bug: "the log is cut and appended to in two writes, and only the cut is waited for",
      file: `${STORAGE}/wal-storage.ts`,
      original: "await Promise.all(steps);",
      planted: "await steps[0];",
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
    {
      bug: "after a restart the entries that the snapshot covers are applied again",
      file: `${DRIVER}/applier.ts`,
      original: "const covered = Math.max(0, this.#last.index + 1 - firstIndex);",
      planted: "const covered = 0;",
    },
    {
      bug: "a leader that hears of nobody goes on to lead",
      file: `${CORE}/leader.ts`,
      original: "return voters.isQuorum(active) && !diskHangs;",
      planted: "return true;",
    },
    {
      bug: "a node that was cut off deposes a leader that lives",
      file: `${CORE}/raft-core.ts`,
      original: 'if (message.type === "vote-request" && this.#hasLiveLeader) return;',
      planted: "",
    },
  ],
};

export default mutants;
