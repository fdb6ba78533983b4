import type { CoreCluster } from "../test/core-cluster.ts";
import { ElectionSafety } from "./election-safety.ts";

/** Figure 3 of the paper, and §6.4 of the dissertation for reads, checked after every step of a run. */
export class Figure3 {
  readonly #cluster: CoreCluster;
  readonly #elections = new ElectionSafety();
  readonly #chosen = new Map<number, string>();
  /** By a read's number: what was committed anywhere when it was asked for. */
  readonly #readFloors = new Map<number, number>();
  #committed = 0;
  #reads = 0;

  constructor(cluster: CoreCluster) {
    this.#cluster = cluster;
  }

  get elections(): number {
    return this.#elections.elections;
  }

  get chosen(): number {
    return this.#chosen.size;
  }

  /** Reads that were confirmed. */
  get reads(): number {
    return this.#reads;
  }

  /** A read is asked for; returns its number. */
  beginRead(): number {
    const number = this.#readFloors.size + 1;
    this.#readFloors.set(number, this.#committed);
    return number;
  }

  check(id: string): void {
    this.#electionSafety(id);
    this.#stateMachineSafety(id);
    this.#leaderCompleteness(id);
    this.#readsAreFresh(id);
  }

  #electionSafety(id: string): void {
    const { role, server } = this.#cluster.core(id);
    if (role === "leader") this.#elections.leads(id, server.term);
  }

  #stateMachineSafety(id: string): void {
    const applied = this.#cluster.applied.get(id)!;
    for (const [index, entry] of applied) {
      const found = `${entry.term}:${entry.record.join()}`;
      const chosen = this.#chosen.get(index) ?? found;
      if (chosen !== found) throw new Error(`${id} applied another entry at ${index}`);
      this.#chosen.set(index, found);
      this.#committed = Math.max(this.#committed, index);
    }
    applied.clear();
  }

  #leaderCompleteness(id: string): void {
    const { role, server } = this.#cluster.core(id);
    // An older leader that nobody has told yet may lack what its successor committed.
    if (role !== "leader" || server.term < this.#elections.latestTerm) return;
    for (const [index, entry] of this.#chosen) {
      if (index <= server.log.base.index) continue;
      if (server.log.termAt(index) === Number(entry.split(":")[0])) continue;
      throw new Error(`leader ${id} of term ${server.term} lacks entry ${index}`);
    }
  }

  #readsAreFresh(id: string): void {
    for (const read of this.#cluster.reads.get(id)!.splice(0)) {
      const floor = this.#readFloors.get(read.id)!;
      if (read.index < floor) {
        throw new Error(
          `${id} may serve a read at ${read.index}, and ${floor} was committed before`,
        );
      }
      this.#reads++;
    }
  }
}
