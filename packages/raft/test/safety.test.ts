import { integerBetween, type Random, seededRandom } from "@quorate/runtime";
import { describe, expect, it } from "vitest";
import { CoreCluster } from "./core-cluster.ts";

const STEPS = 1_500;
const SEEDS = 150;
/** Messages that may be under way; beyond, some are lost, as on a network. */
const MAX_UNDER_WAY = 60;

/** Figure 3 of the paper, checked after every step of a run. */
class Safety {
  readonly #cluster: CoreCluster;
  readonly #leaders = new Map<number, string>();
  readonly #chosen = new Map<number, string>();

  constructor(cluster: CoreCluster) {
    this.#cluster = cluster;
  }

  get chosenCount(): number {
    return this.#chosen.size;
  }

  check(id: string): void {
    this.#electionSafety(id);
    this.#stateMachineSafety(id);
    this.#leaderCompleteness(id);
  }

  #electionSafety(id: string): void {
    const { role, server } = this.#cluster.core(id);
    if (role !== "leader") return;
    const known = this.#leaders.get(server.term) ?? id;
    if (known !== id) throw new Error(`${known} and ${id} both lead in term ${server.term}`);
    this.#leaders.set(server.term, id);
  }

  #stateMachineSafety(id: string): void {
    const applied = this.#cluster.applied.get(id)!;
    for (const [index, entry] of applied) {
      const found = `${entry.term}:${entry.record.join()}`;
      const chosen = this.#chosen.get(index) ?? found;
      if (chosen !== found) throw new Error(`${id} applied another entry at ${index}`);
      this.#chosen.set(index, found);
    }
    applied.clear();
  }

  #leaderCompleteness(id: string): void {
    const { role, server } = this.#cluster.core(id);
    // An older leader that nobody has told yet may lack what its successor committed.
    const newestTerm = Math.max(...this.#leaders.keys());
    if (role !== "leader" || server.term < newestTerm) return;
    for (const [index, entry] of this.#chosen) {
      const term = server.log.termAt(index);
      if (index <= server.log.base.index) continue;
      if (term !== Number(entry.split(":")[0]))
        throw new Error(`leader ${id} lacks entry ${index}`);
    }
  }
}

/** One random step: anything that a network, a disk, a clock or a crash may do. */
function step(cluster: CoreCluster, random: Random, count: number): string {
  const id = cluster.voters[integerBetween(random, 0, cluster.voters.length - 1)]!;
  const chance = random.next();
  if (cluster.network.length > MAX_UNDER_WAY) {
    cluster.network.splice(integerBetween(random, 0, cluster.network.length - 1), 1);
  }
  if (chance < 0.5 && cluster.network.length > 0) {
    const at = integerBetween(random, 0, Math.min(8, cluster.network.length - 1));
    const [envelope] = cluster.network.splice(at, 1);
    if (random.next() < 0.1) cluster.network.push(envelope!);
    if (random.next() < 0.95) cluster.deliver(envelope!);
    return envelope!.to;
  }
  if (chance < 0.65) cluster.tick(id, integerBetween(random, 1, 20));
  else if (chance < 0.85) cluster.completeWrites(id, 1);
  else if (chance < 0.95) {
    const [leader = id] = cluster.leaders;
    cluster.propose(leader, `${count}`);
    return leader;
  } else if (chance < 0.97) cluster.boot(id);
  else if (chance < 0.985) cluster.compact(id, integerBetween(random, 0, 5));
  else cluster.transferSnapshots(random.next() < 0.7);
  return id;
}

function explore(seed: string): number {
  const random = seededRandom(seed);
  const size = [1, 2, 3, 3, 4, 5][integerBetween(random, 0, 5)]!;
  const limits = { maxInflightMessages: integerBetween(random, 1, 4), maxAppendBytes: 40 };
  const cluster = new CoreCluster(size, limits, seed);
  cluster.disksAreFast = false;
  const safety = new Safety(cluster);
  for (let count = 0; count < STEPS; count++) safety.check(step(cluster, random, count));
  const leader = heal(cluster);
  for (const id of cluster.voters) safety.check(id);
  expect(cluster.core(leader).server.commitIndex).toBeGreaterThan(0);
  return safety.chosenCount;
}

/** Everything works again: a leader must come, and everybody must get all that it has. */
function heal(cluster: CoreCluster): string {
  cluster.disksAreFast = true;
  for (const id of cluster.voters) cluster.completeWrites(id);
  for (let round = 0; round < 30; round++) {
    cluster.run(50);
    cluster.transferSnapshots(true);
  }
  expect(cluster.leaders).toHaveLength(1);
  const leader = cluster.leaders[0]!;
  const last = cluster.propose(leader, "last");
  cluster.run(100);
  for (const id of cluster.voters) expect(cluster.core(id).server.commitIndex).toBe(last);
  return leader;
}

describe("figure 3 under loss, duplication, reordering, slow disks, crashes and compaction", () => {
  it(`Election Safety, Leader Completeness, State Machine Safety; liveness once healed (${SEEDS} seeds)`, () => {
    let chosen = 0;
    const first = process.env["RAFT_SEED"] ?? "0";
    for (let seed = 0; seed < SEEDS; seed++) {
      const name = `${first}/${seed}`;
      try {
        chosen += explore(name);
      } catch (error) {
        throw new Error(`seed ${name} (replay: RAFT_SEED=${first}): ${String(error)}`, {
          cause: error,
        });
      }
    }
    // A run in which nothing is chosen would show nothing.
    expect(chosen).toBeGreaterThan(SEEDS * 10);
  });
});
