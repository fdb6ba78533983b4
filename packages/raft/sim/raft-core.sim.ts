import { integerBetween, pick, seededRandom } from "@quorate/runtime";
import {
  sequenceDiagram,
  type SimulationTarget,
  type TargetFailure,
  type TargetOptions,
  type TargetResult,
  Trace,
} from "@quorate/simulation";
import { CoreCluster } from "../test/core-cluster.ts";
import { Figure3 } from "./figure-3.ts";
import { RandomSchedule } from "./random-schedule.ts";

const STEPS = 2_000;
const COVERAGE = [
  "elections",
  "entries chosen",
  "truncations",
  "snapshots received",
  "reads confirmed",
  "single-node clusters",
] as const;

/**
 * Raft's core alone, without driver, disk format or network: some hundred clusters a second, under a
 * scheduler that does its worst. What only the order of messages and writes can break is found here;
 * the target `raft` has all the rest.
 */
class CoreRun {
  readonly #mode: TargetOptions["mode"];
  readonly #coverage = Object.fromEntries(COVERAGE.map((name) => [name, 0]));
  readonly #cluster: CoreCluster;
  readonly #safety: Figure3;
  readonly #schedule: RandomSchedule;
  readonly #trace: Trace;
  readonly #core: readonly string[];
  readonly #hearsTheLost: boolean;
  #steps = 0;

  constructor(seed: string | number, { mode }: TargetOptions) {
    this.#mode = mode;
    const random = seededRandom(seed).fork("raft-core");
    const size = pick(random, [1, 2, 3, 3, 4, 5, 5, 5]);
    const limits = { maxInflightMessages: integerBetween(random, 1, 4), maxAppendBytes: 40 };
    this.#cluster = new CoreCluster(size, limits, String(seed));
    this.#cluster.disksAreFast = false;
    this.#safety = new Figure3(this.#cluster);
    this.#trace = new Trace(() => this.#steps);
    const schedule = random.fork("schedule");
    this.#schedule = new RandomSchedule(this.#cluster, this.#safety, schedule, this.#trace);
    if (size === 1) this.#cover("single-node clusters");
    const lost = mode === "safety" ? 0 : integerBetween(random, 0, Math.ceil(size / 2) - 1);
    this.#core = this.#cluster.voters.slice(lost);
    this.#hearsTheLost = random.next() < 0.5;
  }

  run(): TargetResult {
    let failure: TargetFailure | undefined;
    try {
      for (; this.#steps < STEPS; this.#steps++) this.#step();
      this.#heal();
    } catch (error) {
      failure = this.#explain(error);
    }
    this.#cover("elections", this.#safety.elections);
    this.#cover("entries chosen", this.#safety.chosen);
    this.#cover("reads confirmed", this.#safety.reads);
    const result = {
      operations: this.#safety.chosen + this.#safety.reads,
      faults: this.#trace.counts(),
      coverage: this.#coverage,
      events: this.#steps,
      simulatedMs: this.#steps,
      traceHash: this.#trace.hash,
      plan: [],
    };
    return failure ? { ...result, failure } : result;
  }

  #step(): void {
    const id = this.#schedule.step();
    this.#lookAtWrites(id);
    this.#safety.check(id);
  }

  #lookAtWrites(id: string): void {
    const { pending, log } = this.#cluster.disk(id);
    const last = pending.at(-1);
    if (!last) return;
    if (last.entries.length > 0 && pending.length === 1 && last.firstIndex <= log.lastIndex) {
      this.#cover("truncations");
    }
    if (last.resetTo) this.#cover("snapshots received");
  }

  /** The core works again (in safety, everybody): it must get a leader, and all that it commits. */
  #heal(): void {
    const cluster = this.#cluster;
    const lost = cluster.voters.filter((id) => !this.#core.includes(id));
    // In one way at most: who leads without being heard, or without hearing, must not block the rest.
    const hears = this.#hearsTheLost;
    cluster.delivers = ({ from, to }) =>
      lost.includes(from) === lost.includes(to) || (hears && lost.includes(from));
    cluster.disksAreFast = true;
    for (const id of cluster.voters) cluster.completeWrites(id);
    for (let round = 0; round < 40; round++) {
      cluster.run(50);
      cluster.transferSnapshots(true);
    }
    for (const id of cluster.voters) this.#safety.check(id);
    const leaders = cluster.leaders.filter((id) => this.#core.includes(id));
    if (leaders.length !== 1) throw new Error(`no progress: ${leaders.length} lead the core`);
    const last = cluster.propose(leaders[0]!, "last");
    cluster.run(100);
    for (const id of cluster.voters) this.#safety.check(id);
    for (const id of this.#core) {
      const { commitIndex } = cluster.core(id).server;
      if (commitIndex !== last)
        throw new Error(`no progress: ${id} is at ${commitIndex} of ${last}`);
    }
  }

  #cover(name: (typeof COVERAGE)[number], by: number = 1): void {
    this.#coverage[name]! += by;
  }

  #explain(error: unknown): TargetFailure {
    return {
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      details: `${this.#mode}, step ${this.#steps}\n${error instanceof Error ? error.stack : ""}`,
      diagram: sequenceDiagram(this.#trace.recent(), this.#cluster.voters),
    };
  }
}

const target: SimulationTarget = {
  name: "raft-core",
  coverage: COVERAGE,
  run: async (seed, options) => new CoreRun(seed, options).run(),
};

export default target;
