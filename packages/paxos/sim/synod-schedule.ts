import { integerBetween, pick, type Random } from "@quorate/runtime";
import type { Trace } from "@quorate/simulation";
import { CORE_DEFAULTS, type Envelope, type SynodCluster } from "../test/synod-cluster.ts";
import type { SynodSafety } from "./synod-safety.ts";

/** Messages that may be under way; beyond, some are lost, as on a network. */
const MAX_UNDER_WAY = 60;

const LONGEST_BACKOFF_MS = CORE_DEFAULTS.maxBackoffMs;

/** What may happen next, and how likely it is beside the others. Drawn anew for each run. */
type Step = "deliver" | "tick" | "write" | "propose" | "crash" | "wipe" | "cut" | "ballot";

/** The most adverse scheduler there is: any message, write, tick or crash may come next. */
export class SynodSchedule {
  readonly #cluster: SynodCluster;
  readonly #safety: SynodSafety;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #mayWipe: (id: string) => boolean;
  readonly #weights: readonly (readonly [Step, number])[];
  readonly #lossProbability: number;
  readonly #duplicationProbability: number;
  readonly #maxOvertaken: number;
  /** How likely a message waits until it can pass. */
  readonly #lateness: number;
  readonly #maxTickMs: number;
  /** Whether disks are lost in this run. */
  readonly #wipes: boolean;
  readonly #proposers: readonly string[];
  /** As "from→to". */
  #blocked: ReadonlySet<string> = new Set();
  #proposals = 0;

  constructor(
    cluster: SynodCluster,
    safety: SynodSafety,
    random: Random,
    trace: Trace,
    mayWipe: (id: string) => boolean,
  ) {
    this.#cluster = cluster;
    this.#safety = safety;
    this.#random = random;
    this.#trace = trace;
    this.#mayWipe = mayWipe;
    this.#lossProbability = pick(random, [0, 0.05, 0.3]);
    this.#duplicationProbability = pick(random, [0, 0.1, 0.3]);
    this.#maxOvertaken = pick(random, [0, 8, 40]);
    this.#lateness = pick(random, [0, 0.9]);
    this.#maxTickMs = pick(random, [20, 80, 250]);
    this.#proposers = cluster.nodes.slice(0, pick(random, [1, 2, 2, cluster.nodes.length]));
    this.#wipes = random.next() < 0.5;
    this.#weights = [
      ["deliver", 50],
      ["tick", pick(random, [5, 20, 40])],
      ["write", pick(random, [5, 20, 40])],
      ["propose", pick(random, [2, 10])],
      ["crash", pick(random, [0, 1, 4, 10])],
      ["wipe", this.#wipes ? pick(random, [0.5, 2]) : 0],
      ["cut", pick(random, [0, 0.5, 2])],
      ["ballot", pick(random, [0, 1, 5])],
    ];
  }

  /** Does one thing; returns whom it happened to. */
  step(): string {
    const id = pick(this.#random, this.#cluster.nodes);
    switch (this.#draw()) {
      case "deliver":
        return this.#deliver() ?? id;
      case "tick":
        this.#trace.record(id, "tick", "");
        this.#cluster.tick(id, integerBetween(this.#random, 1, this.#maxTickMs));
        return id;
      case "write":
        this.#trace.record(id, "written", "");
        this.#cluster.completeWrites(id, 1);
        return id;
      case "propose":
        return this.propose(pick(this.#random, this.#proposers));
      case "crash":
        return this.#lose(id, "crash", () => this.#cluster.boot(id));
      case "wipe":
        return this.#mayWipe(id) ? this.#lose(id, "wipe", () => this.#cluster.wipe(id)) : id;
      case "cut":
        this.#cut();
        return id;
      case "ballot":
        return this.#ballotCutShort(id);
    }
  }

  propose(id: string): string {
    const value = `v${++this.#proposals}`;
    this.#trace.record(id, "propose", value);
    this.#safety.proposed(value);
    this.#cluster.propose(id, value);
    return id;
  }

  /**
   * A president that knows nothing begins a ballot, is heard by some at first and by others later, and
   * gets only so far: so the acceptors come to have accepted different values in different ballots.
   */
  #ballotCutShort(president: string): string {
    this.#restart(president);
    this.#trace.record(president, "ballot", "");
    this.#trace.count("ballot cut short");
    // What was under way may come late, or never.
    if (this.#random.next() < 0.5) this.#cluster.network.length = 0;
    this.propose(president);
    this.#hearEachOther(president);
    this.#deliverSome(president);
    this.#hearEachOther(president);
    this.#deliverSome(president);
    return president;
  }

  /** Some, mostly a quorum, and nobody else. */
  #hearEachOther(president: string): void {
    const { nodes } = this.#cluster;
    const heard = nodes.filter((id) => id === president || this.#random.next() < 0.6);
    this.#blocked = new Set(
      nodes.flatMap((from) =>
        nodes
          .filter((to) => !heard.includes(from) || !heard.includes(to))
          .map((to) => `${from}→${to}`),
      ),
    );
  }

  #deliverSome(president: string): void {
    const most = 4 * this.#cluster.nodes.length;
    for (let left = integerBetween(this.#random, 0, most); left > 0; left--) {
      const to = this.#deliver();
      // With nothing under way it has been outbid, and waits to try again.
      if (to === undefined) this.#cluster.tick(president, LONGEST_BACKOFF_MS);
      else if (this.#random.next() < 0.8) this.#cluster.completeWrites(to);
      this.#safety.check(to ?? president);
      if (this.#random.next() < 0.5) this.#cluster.completeWrites(president);
    }
  }

  /** Mostly with its disk. */
  #restart(id: string): void {
    if (this.#wipes && this.#random.next() < 0.1 && this.#mayWipe(id)) {
      this.#lose(id, "wipe", () => this.#cluster.wipe(id));
    } else {
      this.#lose(id, "crash", () => this.#cluster.boot(id));
    }
  }

  #lose(id: string, kind: "crash" | "wipe", happen: () => void): string {
    const { pending } = this.#cluster.disk(id);
    if (pending.length > 0) this.#trace.count("crash between write and reply");
    this.#trace.record(id, kind, "");
    this.#trace.count(kind);
    happen();
    return id;
  }

  #deliver(): string | undefined {
    const { network } = this.#cluster;
    if (network.length === 0) return undefined;
    if (network.length > MAX_UNDER_WAY) this.#drop(this.#take(network.length - 1));
    const envelope = this.#take(Math.min(this.#maxOvertaken, network.length - 1));
    const { from, to, message } = envelope;
    if (this.#random.next() < this.#duplicationProbability) {
      this.#trace.count("message duplicated");
      network.push(envelope);
    }
    if (this.#blocked.has(`${from}→${to}`)) return this.#holdUp(envelope);
    if (this.#random.next() < this.#lossProbability) return this.#drop(envelope);
    this.#trace.record(to, `receive ${message.type}`, from);
    this.#cluster.deliver(envelope);
    return to;
  }

  #take(last: number): Envelope {
    return this.#cluster.network.splice(integerBetween(this.#random, 0, last), 1)[0]!;
  }

  /** What cannot pass comes late, or is lost. */
  #holdUp(envelope: Envelope): string {
    if (this.#random.next() < this.#lateness) this.#cluster.network.push(envelope);
    else this.#drop(envelope);
    return envelope.to;
  }

  #drop({ to }: Envelope): string {
    this.#trace.count("message lost");
    return to;
  }

  /** Nobody is cut off any more, or a group is, or each from some others in some way. */
  #cut(): void {
    const { nodes } = this.#cluster;
    const chance = this.#random.next();
    const share = this.#random.next();
    const group = nodes.filter(() => this.#random.next() < share);
    const isCut = (from: string, to: string): boolean => {
      if (chance < 0.3) return false;
      if (chance < 0.7) return group.includes(from) !== group.includes(to);
      return this.#random.next() < share;
    };
    this.#trace.count("partition");
    this.#blocked = new Set(
      nodes.flatMap((from) =>
        nodes.filter((to) => to !== from && isCut(from, to)).map((to) => `${from}→${to}`),
      ),
    );
  }

  #draw(): Step {
    let left = this.#random.next() * this.#weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [step, weight] of this.#weights) if ((left -= weight) < 0) return step;
    return "deliver";
  }
}
