import { pick, seededRandom, shuffled } from "@quorate/runtime";
import {
  sequenceDiagram,
  type SimulationTarget,
  type TargetFailure,
  type TargetOptions,
  type TargetResult,
  Trace,
} from "@quorate/simulation";
import { type Envelope, SynodCluster } from "../test/synod-cluster.ts";
import { type DrawnQuorums, drawQuorums } from "./drawn-quorums.ts";
import { SynodSafety } from "./synod-safety.ts";
import { SynodSchedule } from "./synod-schedule.ts";

const STEPS = 400;
/** Simulated time in which a healed cluster must have chosen: many times the longest backoff. */
const MAX_HEALED_MS = 60_000;
const HOP_MS = 10;
const COVERAGE = [
  "chosen under faults",
  "several ballots with votes",
  "nodes without a vote",
  "healed and chosen",
  "too many disks lost",
  "majority",
  "flexible",
  "weighted",
  "grid",
] as const;

/**
 * The Synod's core alone, without driver, disk format or network: one value, under a scheduler that does
 * its worst. What only the order of messages, writes and crashes can break is found here.
 */
class SynodRun {
  readonly #mode: TargetOptions["mode"];
  readonly #coverage = Object.fromEntries(COVERAGE.map((name) => [name, 0]));
  readonly #drawn: DrawnQuorums;
  readonly #cluster: SynodCluster;
  readonly #safety: SynodSafety;
  readonly #schedule: SynodSchedule;
  readonly #trace: Trace;
  /** For good cut off at the end, each link by a draw of its own. */
  readonly #lost: ReadonlySet<string>;
  readonly #cutLinks: ReadonlySet<string>;
  #steps = 0;

  constructor(seed: string | number, { mode }: TargetOptions) {
    this.#mode = mode;
    const random = seededRandom(seed).fork("synod");
    this.#drawn = drawQuorums(random);
    const { quorums } = this.#drawn;
    this.#cluster = new SynodCluster(quorums, String(seed));
    this.#cluster.disksAreFast = false;
    this.#safety = new SynodSafety(this.#cluster, this.#drawn.isPhase2Quorum);
    this.#trace = new Trace(() => this.#steps);
    this.#lost = mode === "safety" ? new Set() : this.#drawLost(shuffled(random, quorums.nodes));
    this.#cutLinks = new Set(
      quorums.nodes.flatMap((from) =>
        quorums.nodes
          .filter(
            (to) => this.#lost.has(from) !== this.#lost.has(to) && pick(random, [true, false]),
          )
          .map((to) => `${from}→${to}`),
      ),
    );
    this.#schedule = new SynodSchedule(
      this.#cluster,
      this.#safety,
      random.fork("schedule"),
      this.#trace,
      (id) => mode === "safety" || this.#areQuorums(this.#voters(id)),
    );
    this.#cover(this.#drawn.kind as (typeof COVERAGE)[number]);
  }

  run(): TargetResult {
    let failure: TargetFailure | undefined;
    try {
      for (; this.#steps < STEPS; this.#steps++) this.#safety.check(this.#schedule.step());
      if (this.#safety.chosen !== undefined) this.#cover("chosen under faults");
      this.#heal();
    } catch (error) {
      failure = this.#explain(error);
    }
    if (this.#safety.ballots > 1) this.#cover("several ballots with votes");
    const result = {
      operations: this.#safety.chosen === undefined ? 0 : 1,
      faults: this.#trace.counts(),
      coverage: this.#coverage,
      events: this.#steps,
      simulatedMs: this.#steps * HOP_MS,
      traceHash: this.#trace.hash,
      plan: [],
    };
    return failure ? { ...result, failure } : result;
  }

  /** As many as the others can do without. */
  #drawLost(candidates: readonly string[]): ReadonlySet<string> {
    const lost = new Set<string>();
    for (const id of candidates) {
      const left = this.#cluster.nodes.filter((node) => node !== id && !lost.has(node));
      if (this.#areQuorums(new Set(left))) lost.add(id);
    }
    return lost;
  }

  /** Who votes and will be there at the end, when `without` does not. */
  #voters(without?: string): ReadonlySet<string> {
    return new Set(
      this.#cluster.nodes.filter(
        (id) => id !== without && !this.#lost.has(id) && this.#cluster.core(id).acceptor,
      ),
    );
  }

  #areQuorums(members: ReadonlySet<string>): boolean {
    return this.#drawn.isPhase1Quorum(members) && this.#drawn.isPhase2Quorum(members);
  }

  /** All but the lost work again: if they are enough, all of them must learn what is chosen. */
  #heal(): void {
    const cluster = this.#cluster;
    const healed = cluster.nodes.filter((id) => !this.#lost.has(id));
    if (healed.some((id) => !cluster.core(id).acceptor)) this.#cover("nodes without a vote");
    cluster.disksAreFast = true;
    for (const id of cluster.nodes) cluster.completeWrites(id);
    if (!this.#areQuorums(this.#voters())) return this.#cover("too many disks lost");
    for (const id of healed.slice(0, 2)) this.#schedule.propose(id);
    const know = (): boolean => healed.every((id) => cluster.chosenBy(id) !== undefined);
    for (let ms = 0; ms < MAX_HEALED_MS && !know(); ms += HOP_MS) this.#hop();
    for (const id of cluster.nodes) this.#safety.check(id);
    if (!know()) throw new Error(`no progress: not all of ${healed.join(", ")} know a value`);
    this.#cover("healed and chosen");
  }

  /** Time passes, and every message that is under way arrives. */
  #hop(): void {
    const cluster = this.#cluster;
    const arriving = cluster.network;
    cluster.network = [];
    for (const envelope of arriving) {
      if (!this.#isCut(envelope)) cluster.deliver(envelope);
    }
    for (const id of cluster.nodes) cluster.tick(id, HOP_MS);
    this.#steps++;
  }

  #isCut({ from, to }: Envelope): boolean {
    return this.#cutLinks.has(`${from}→${to}`);
  }

  #cover(name: (typeof COVERAGE)[number]): void {
    this.#coverage[name]!++;
  }

  #explain(error: unknown): TargetFailure {
    return {
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      details: `${this.#mode}, step ${this.#steps}\n${error instanceof Error ? error.stack : ""}`,
      diagram: sequenceDiagram(this.#trace.recent(), this.#cluster.nodes),
    };
  }
}

const target: SimulationTarget = {
  name: "synod",
  coverage: COVERAGE,
  run: async (seed, options) => new SynodRun(seed, options).run(),
};

export default target;
