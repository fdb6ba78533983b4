import type { MutantsOfTarget } from "@quorate/sim";

const CORE = "packages/raft/src/core";
const DRIVER = "packages/replication/src/driver";

const mutants: MutantsOfTarget = {
  target: "raft-core",
  maxSeeds: 2_000,
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
      firstSeed: 573,
    },
    {
      bug: "a vote is not persisted",
      file: `${CORE}/persistence.ts`,
      original: "hardState: this.#hardStateChanged ? { term, votedFor } : undefined,",
      planted: "hardState: this.#hardStateChanged ? { term, votedFor: undefined } : undefined,",
      firstSeed: 498,
    },
    {
      bug: "a term is not persisted",
      file: `${CORE}/persistence.ts`,
      original: "hardState: this.#hardStateChanged ? { term, votedFor } : undefined,",
      planted: "hardState: undefined && votedFor ? { term, votedFor } : undefined,",
    },
    {
      bug: "the longer log is taken for the newer one",
      file: `${CORE}/up-to-date.ts`,
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
      bug: "commit beyond the verified entry, by a heartbeat",
      file: `${CORE}/leader.ts`,
      original: "commitIndex: Math.min(commitIndex, matchIndex),",
      planted: "commitIndex,",
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
      file: `${DRIVER}/read-rounds.ts`,
      original: "if (number > reached) break;",
      planted: "if (number > reached + 1) break;",
    },
    {
      bug: "a snapshot from the leader does not reset the log on disk",
      file: `${CORE}/follower.ts`,
      original: "server.persistence.logReset(last);",
      planted: "",
    },
    {
      bug: "a leader that hears of nobody goes on to lead",
      file: `${CORE}/leader.ts`,
      original: "return voters.isQuorum(active) && !diskHangs;",
      planted: "return true;",
    },
    {
      bug: "a voter gives a second vote in a term",
      file: `${CORE}/raft-core.ts`,
      original: "votedFor === from ||",
      planted: "votedFor !== null ||",
    },
    {
      bug: "a lost append is never sent again",
      file: `${DRIVER}/progress.ts`,
      original:
        'return stands && this.state === "replicate" && this.matchIndex < this.nextIndex - 1;',
      planted: "return false;",
    },
    {
      bug: "a follower that is behind the snapshot is sent no snapshot",
      file: `${CORE}/leader.ts`,
      original: "    this.#snapshotsToSend.push(to);\n",
      planted: "",
    },
  ],
};

export default mutants;
