import { isSameBallot } from "../src/index.ts";
import type { LogCoreCluster } from "../test/log-core-cluster.ts";

/**
 * What must hold of a log after every step: one entry a slot, for ever; each (slot, term) names one
 * entry; who leads the highest ballot can only repeat what is decided; reads are fresh.
 */
export class LogSafety {
  readonly #cluster: LogCoreCluster;
  /** By the round and the node that led it. */
  readonly #leaders = new Map<number, string>();
  readonly #chosen = new Map<number, string>();
  readonly #byTerm = new Map<string, string>();
  /** By a read's number: what was decided anywhere when it was asked for. */
  readonly #readFloors = new Map<number, number>();
  /** In which anybody has proposed anything. */
  #highestRound = 0;
  #decided = 0;
  #reads = 0;

  constructor(cluster: LogCoreCluster) {
    this.#cluster = cluster;
  }

  get elections(): number {
    return this.#leaders.size;
  }

  get chosen(): number {
    return this.#chosen.size;
  }

  /** Reads that were confirmed. */
  get reads(): number {
    return this.#reads;
  }

  beginRead(): number {
    const number = this.#readFloors.size + 1;
    this.#readFloors.set(number, this.#decided);
    return number;
  }

  check(id: string): void {
    this.#oneLeaderARound(id);
    this.#oneEntryASlot(id);
    this.#leaderCompleteness(id);
    this.#readsAreFresh(id);
  }

  #oneLeaderARound(id: string): void {
    const { role, server, leadership } = this.#cluster.core(id);
    // One that is not established yet decides already, but leads only from then on.
    if (leadership) this.#highestRound = Math.max(this.#highestRound, server.term);
    if (role !== "leader") return;
    const known = this.#leaders.get(server.term) ?? id;
    if (known !== id) throw new Error(`${known} and ${id} both led round ${server.term}`);
    this.#leaders.set(server.term, id);
  }

  #oneEntryASlot(id: string): void {
    const applied = this.#cluster.applied.get(id)!;
    for (const [slot, { term, record }] of applied) {
      const found = record.join();
      const chosen = this.#chosen.get(slot) ?? found;
      if (chosen !== found) throw new Error(`${id} applied another entry at ${slot}`);
      const named = this.#byTerm.get(`${slot}/${term}`) ?? found;
      if (named !== found) throw new Error(`slot ${slot} and term ${term} name two entries`);
      this.#chosen.set(slot, found);
      this.#byTerm.set(`${slot}/${term}`, found);
      this.#decided = Math.max(this.#decided, slot);
    }
    applied.clear();
  }

  /** Paxos' invariant P2b: what a higher ballot proposes in a decided slot is what was decided. */
  #leaderCompleteness(id: string): void {
    const { role, server } = this.#cluster.core(id);
    if (role !== "leader" || server.term < this.#highestRound) return;
    const { log, promised } = server.acceptor;
    for (let slot = log.base.index + 1; slot <= Math.min(log.lastIndex, this.#decided); slot++) {
      const ballot = log.ballotAt(slot);
      const chosen = this.#chosen.get(slot);
      if (!ballot || chosen === undefined || !isSameBallot(ballot, promised)) continue;
      if (log.entryAt(slot)!.record.join() !== chosen) {
        throw new Error(`leader ${id} proposed another entry in slot ${slot}, which was decided`);
      }
    }
  }

  #readsAreFresh(id: string): void {
    for (const read of this.#cluster.reads.get(id)!.splice(0)) {
      const floor = this.#readFloors.get(read.id)!;
      if (read.index < floor) {
        throw new Error(`${id} may serve a read at ${read.index}, and ${floor} was decided before`);
      }
      this.#reads++;
    }
  }
}
