import { integerBetween, pick, type Random, seededRandom } from "@quorate/runtime";
import {
  sequenceDiagram,
  type SimulationTarget,
  type TargetFailure,
  type TargetOptions,
  type TargetResult,
  Trace,
} from "@quorate/simulation";
import {
  type ExtraStep,
  RandomSchedule,
  type ScheduledCluster,
  type ScheduledEnvelope,
  type ScheduledSafety,
} from "./random-schedule.ts";

const STEPS = 2_000;

/** What the runs of every algorithm exercise. */
export const CORE_COVERAGE = [
  "elections",
  "entries chosen",
  "reads confirmed",
  "single-node clusters",
] as const;

/** Cores of an algorithm, and how a run of them is looked at and brought to its end. */
export interface CoreRunParts<E extends ScheduledEnvelope> {
  readonly cluster: HealableCluster<E>;
  readonly safety: CountedSafety;
  readonly extra?: readonly ExtraStep[];
  /** Looks at what a node has done, for what is exercised. */
  readonly look?: (id: string) => void;
  /** Called before the end, when all messages arrive again: nothing may keep the core from progress. */
  readonly settle?: () => void;
  readonly commitIndexOf: (id: string) => number;
}

interface HealableCluster<E extends ScheduledEnvelope> extends ScheduledCluster<E> {
  /** From now on only what this lets through arrives. */
  connect(delivers: (way: { readonly from: string; readonly to: string }) => boolean): void;
  disksAreFast: boolean;
  run(ms: number): void;
}

interface CountedSafety extends ScheduledSafety {
  readonly elections: number;
  readonly chosen: number;
  readonly reads: number;
}

export interface CoreRunDefinition<E extends ScheduledEnvelope> {
  readonly name: string;
  readonly coverage: readonly string[];
  /** @default 1 to 5 nodes */
  readonly sizes?: readonly number[];
  /** Whether some nodes may be lost in liveness. @default true */
  readonly maySeparate?: boolean;
  begin(run: {
    readonly size: number;
    readonly seed: string;
    readonly random: Random;
    readonly cover: (name: string, by?: number) => void;
  }): CoreRunParts<E>;
}

/**
 * An algorithm's core alone, without driver, disk format or network: some hundred clusters a second,
 * under a scheduler that does its worst. What only the order of messages and writes can break is found
 * here.
 */
export function coreTarget<E extends ScheduledEnvelope>(
  definition: CoreRunDefinition<E>,
): SimulationTarget {
  return {
    name: definition.name,
    coverage: definition.coverage,
    run: async (seed, options) => new CoreRun(definition, seed, options).run(),
  };
}

class CoreRun<E extends ScheduledEnvelope> {
  readonly #mode: TargetOptions["mode"];
  readonly #coverage: Record<string, number>;
  readonly #parts: CoreRunParts<E>;
  readonly #schedule: RandomSchedule<E>;
  readonly #trace: Trace;
  readonly #core: readonly string[];
  readonly #hearsTheLost: boolean;
  #steps = 0;

  constructor(definition: CoreRunDefinition<E>, seed: string | number, { mode }: TargetOptions) {
    const { name, coverage, sizes = [1, 2, 3, 3, 4, 5, 5, 5], maySeparate = true } = definition;
    this.#mode = mode;
    this.#coverage = Object.fromEntries(coverage.map((each) => [each, 0]));
    const random = seededRandom(seed).fork(name);
    const size = pick(random, sizes);
    const cover = (what: string, by?: number): void => this.#cover(what, by);
    this.#parts = definition.begin({ size, seed: String(seed), random, cover });
    const { cluster, safety, extra } = this.#parts;
    cluster.disksAreFast = false;
    this.#trace = new Trace(() => this.#steps);
    const schedule = random.fork("schedule");
    this.#schedule = new RandomSchedule(cluster, safety, schedule, this.#trace, extra);
    if (size === 1) this.#cover("single-node clusters");
    const mayLose = maySeparate && mode === "liveness";
    const lost = mayLose ? integerBetween(random, 0, Math.ceil(size / 2) - 1) : 0;
    this.#core = cluster.voters.slice(lost);
    this.#hearsTheLost = random.next() < 0.5;
  }

  run(): TargetResult {
    const { safety } = this.#parts;
    let failure: TargetFailure | undefined;
    try {
      for (; this.#steps < STEPS; this.#steps++) this.#step();
      this.#heal();
    } catch (error) {
      failure = this.#explain(error);
    }
    this.#cover("elections", safety.elections);
    this.#cover("entries chosen", safety.chosen);
    this.#cover("reads confirmed", safety.reads);
    const result = {
      operations: safety.chosen + safety.reads,
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
    this.#parts.look?.(id);
    this.#parts.safety.check(id);
  }

  /** The core works again (in safety, everybody): it must get a leader, and all that it commits. */
  #heal(): void {
    const { cluster, safety, settle, commitIndexOf } = this.#parts;
    const lost = cluster.voters.filter((id) => !this.#core.includes(id));
    // In one way at most: who leads without being heard, or without hearing, must not block the rest.
    const hears = this.#hearsTheLost;
    cluster.connect(
      ({ from, to }) => lost.includes(from) === lost.includes(to) || (hears && lost.includes(from)),
    );
    cluster.disksAreFast = true;
    for (const id of cluster.voters) cluster.completeWrites(id);
    for (let round = 0; round < 40; round++) {
      cluster.run(50);
      cluster.transferSnapshots(true);
    }
    settle?.();
    for (const id of cluster.voters) safety.check(id);
    const leaders = cluster.leaders.filter((id) => this.#core.includes(id));
    if (leaders.length !== 1) throw new Error(`no progress: ${leaders.length} lead the core`);
    const last = cluster.propose(leaders[0]!, "last");
    cluster.run(100);
    for (const id of cluster.voters) safety.check(id);
    for (const id of this.#core) {
      const commitIndex = commitIndexOf(id);
      if (!(commitIndex >= Number(last)))
        throw new Error(`no progress: ${id} is at ${commitIndex} of ${String(last)}`);
    }
  }

  #cover(name: string, by: number = 1): void {
    this.#coverage[name]! += by;
  }

  #explain(error: unknown): TargetFailure {
    return {
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      details: `${this.#mode}, step ${this.#steps}\n${error instanceof Error ? error.stack : ""}`,
      diagram: sequenceDiagram(this.#trace.recent(), this.#parts.cluster.voters),
    };
  }
}
