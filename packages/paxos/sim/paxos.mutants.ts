import type { MutantsOfTarget } from "@quorate/sim";

const LOG = "packages/paxos/src/log";

const mutants: MutantsOfTarget = {
  target: "paxos",
  maxSeeds: 300,
  mutants: [
    {
      bug: "a write is said to be durable before it is",
      file: `${LOG}/storage/log-wal-storage.ts`,
      original: "    await this.#wal.append(records);\n    return write.persisted();",
      planted: "    void this.#wal.append(records).catch(() => {});\n    return write.persisted();",
    },
    {
      bug: "a promise is forgotten with the part of the log that a snapshot replaces",
      file: `${LOG}/storage/log-wal-storage.ts`,
      original:
        "    await this.#wal.append([encodeState(this.#state)]);\n    await this.#wal.dropBefore(firstKept);",
      planted: "    await this.#wal.dropBefore(firstKept);",
    },
    {
      bug: "runs with slots that no snapshot has are dropped",
      file: `${LOG}/storage/log-wal-storage.ts`,
      original: "findIndex(({ lastSlot }) => lastSlot > base.index)",
      planted: "findIndex(({ lastSlot }) => lastSlot > base.index + 40)",
    },
    {
      bug: "a node whose disk was emptied votes as if it had never run",
      file: `${LOG}/storage/log-wal-storage.ts`,
      original: "return born(nodeId, bootstrap && voters.includes(nodeId), this.#random);",
      planted: "return { ...born(nodeId, voters.includes(nodeId), this.#random), birth: 1 };",
    },
    {
      bug: "a read does not wait until what it must see is applied",
      file: "packages/replication/src/driver/linearizable-reads.ts",
      original: "else if (index <= this.#appliedIndex) this.#serve(read);",
      planted: "else if (index <= Infinity) this.#serve(read);",
    },
  ],
};

export default mutants;
