import { integerBetween, pick, type Random } from "@quorate/runtime";
import type { Trace } from "@quorate/simulation";

/** Messages that may be under way; beyond, some are lost, as on a network. */
const MAX_UNDER_WAY = 60;

/** A message on its way. */
export interface ScheduledEnvelope {
  readonly from: string;
  readonly to: string;
  readonly message: { readonly type: string; readonly term?: number };
}

/** Cores of any algorithm, whose messages and writes happen when this says so. */
export interface ScheduledCluster<E extends ScheduledEnvelope> {
  /** All nodes. */
  readonly voters: readonly string[];
  readonly leaders: readonly string[];
  /** Messages on their way. */
  network: E[];
  core(id: string): { readonly role: string };
  boot(id: string): void;
  tick(id: string, ms: number): void;
  deliver(envelope: E): void;
  completeWrites(id: string, count?: number): void;
  propose(id: string, text: string): unknown;
  act(id: string, input: (core: { read(id: number): boolean }) => unknown): unknown;
  compact(id: string, keepEntries: number): void;
  transferSnapshots(arrives: boolean): void;
}

/** What must hold after every step. */
export interface ScheduledSafety {
  /** @throws it does not. */
  check(id: string): void;
  /** A read is asked for; returns its number. */
  beginRead(): number;
}

/** Something that only one algorithm knows, and how likely it is beside the others. */
export interface ExtraStep {
  readonly weight: number;
  act(id: string): void;
}

/** What may happen next, and how likely it is beside the others. Drawn anew for each run. */
type Step =
  | "round"
  | "reign"
  | "deliver"
  | "tick"
  | "write"
  | "propose"
  | "read"
  | "crash"
  | "cut"
  | "compact"
  | "transfer"
  | ExtraStep;

/**
 * The most adverse scheduler there is: any message, write, tick or crash may come next. Each run has
 * likelihoods of its own: where messages are always lost no log grows long enough to conflict.
 */
export class RandomSchedule<E extends ScheduledEnvelope> {
  readonly #cluster: ScheduledCluster<E>;
  readonly #safety: ScheduledSafety;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #weights: readonly (readonly [Step, number])[];
  readonly #lossProbability: number;
  readonly #duplicationProbability: number;
  readonly #maxOvertaken: number;
  readonly #maxTickMs: number;
  readonly #crashAfterMessage: number;
  readonly #leaderCrashes: number;
  /** Of each node's clock against the true one. */
  readonly #clockRates: ReadonlyMap<string, number>;
  /** As "from→to". */
  #blocked: ReadonlySet<string> = new Set();
  #proposals = 0;

  constructor(
    cluster: ScheduledCluster<E>,
    safety: ScheduledSafety,
    random: Random,
    trace: Trace,
    extra: readonly ExtraStep[] = [],
  ) {
    this.#cluster = cluster;
    this.#safety = safety;
    this.#random = random;
    this.#trace = trace;
    this.#lossProbability = pick(this.#random, [0, 0.05, 0.3]);
    this.#duplicationProbability = pick(this.#random, [0, 0.1, 0.3]);
    this.#maxOvertaken = pick(this.#random, [0, 8, 40]);
    this.#crashAfterMessage = pick(this.#random, [0, 0.05, 0.2]);
    this.#leaderCrashes = pick(this.#random, [0, 0.3, 0.9]);
    this.#clockRates = new Map(
      cluster.voters.map((id) => [id, pick(this.#random, [0.2, 1, 1, 2])]),
    );
    this.#maxTickMs = pick(this.#random, [20, 80, 250]);
    this.#weights = [
      ["round", pick(this.#random, [0, 10, 40])],
      ["deliver", 50],
      ["tick", pick(this.#random, [10, 20, 40])],
      ["write", pick(this.#random, [10, 20, 40])],
      ["propose", pick(this.#random, [2, 10, 20])],
      ["read", pick(this.#random, [0, 2, 10])],
      ["crash", pick(this.#random, [0, 0.5, 2, 8])],
      ["cut", pick(this.#random, [0, 0.3, 1, 3])],
      ["compact", pick(this.#random, [0, 1, 4])],
      ["transfer", 2],
      ["reign", pick(this.#random, [0, 2, 8])],
      ...extra.map((step) => [step, step.weight] as const),
    ];
  }

  /** Does one thing; returns whom it happened to. */
  step(): string {
    const id = pick(this.#random, this.#cluster.voters);
    const step = this.#draw();
    switch (step) {
      case "round":
        return this.#round(id);
      case "reign":
        return this.#reign(id);
      case "deliver":
        return this.#deliver() ?? id;
      case "tick":
        this.#trace.record(id, "tick", "");
        this.#cluster.tick(
          id,
          this.#clockRates.get(id)! * integerBetween(this.#random, 1, this.#maxTickMs),
        );
        return id;
      case "write":
        this.#trace.record(id, "written", "");
        this.#cluster.completeWrites(id, 1);
        return id;
      case "propose":
        return this.#atLeader(id, (leader) => this.#propose(leader));
      case "read":
        return this.#atLeader(id, (leader) => {
          const read = this.#safety.beginRead();
          this.#cluster.act(leader, (core) => core.read(read));
        });
      case "crash":
        return this.#crash(
          this.#random.next() < this.#leaderCrashes ? (this.#cluster.leaders[0] ?? id) : id,
        );
      case "cut":
        this.#cut();
        return id;
      case "compact":
        this.#cluster.compact(id, integerBetween(this.#random, 0, 5));
        return id;
      case "transfer":
        this.#cluster.transferSnapshots(this.#random.next() < 0.7);
        return id;
      default:
        step.act(id);
        return id;
    }
  }

  /** For once all goes as it does on most days: else hardly an election would ever be over. */
  #round(id: string): string {
    for (const voter of this.#cluster.voters) {
      this.#cluster.tick(voter, this.#clockRates.get(voter)! * 10);
      if (this.#random.next() < 0.8) this.#cluster.completeWrites(voter);
      this.#safety.check(voter);
    }
    for (let left = this.#cluster.network.length; left > 0; left--) {
      const to = this.#deliver();
      if (to !== undefined) this.#safety.check(to);
    }
    return id;
  }

  /**
   * Some, mostly a quorum, hear each other and nobody else, long enough to elect one, who replicates
   * a little of what it has, as in each step of figure 8.
   */
  #reign(candidate: string): string {
    const { voters, network } = this.#cluster;
    const others = voters.filter((id) => id !== candidate && this.#random.next() < 0.7);
    const heard = new Set([candidate, ...others]);
    this.#trace.record(candidate, "reign", others.join());
    this.#trace.count("reign cut short");
    this.#blocked = new Set(
      voters.flatMap((from) =>
        voters.filter((to) => !heard.has(from) || !heard.has(to)).map((to) => `${from}→${to}`),
      ),
    );
    network.length = 0;
    const rival = this.#random.next() < 0.3 ? others[0] : undefined;
    for (const id of heard) this.#cluster.tick(id, id === candidate || id === rival ? 200 : 100);
    this.#deliverSome(30);
    if (this.#cluster.core(candidate).role === "leader") {
      for (let left = integerBetween(this.#random, 0, 6); left > 0; left--)
        this.#propose(candidate);
      this.#deliverSome(20);
    }
    return candidate;
  }

  #deliverSome(most: number): void {
    for (let left = integerBetween(this.#random, 0, most); left > 0; left--) {
      const to = this.#deliver();
      if (to === undefined) return;
      if (this.#random.next() < 0.8) this.#cluster.completeWrites(to);
      this.#safety.check(to);
      if (this.#random.next() < this.#crashAfterMessage) this.#crash(to);
    }
  }

  #crash(id: string): string {
    this.#trace.record(id, "crash", "");
    this.#trace.count("crash");
    this.#cluster.boot(id);
    return id;
  }

  #deliver(): string | undefined {
    const { network } = this.#cluster;
    if (network.length === 0) return undefined;
    if (network.length > MAX_UNDER_WAY) this.#lose(this.#take(network.length - 1));
    const envelope = this.#take(Math.min(this.#maxOvertaken, network.length - 1));
    const { from, to, message } = envelope;
    if (this.#random.next() < this.#duplicationProbability) {
      this.#trace.count("message duplicated");
      network.push(envelope);
    }
    const isBlocked = this.#blocked.has(`${from}→${to}`);
    if (isBlocked || this.#random.next() < this.#lossProbability) return this.#lose(envelope);
    this.#trace.record(to, "receive", from, message.term);
    this.#cluster.deliver(envelope);
    return to;
  }

  #take(last: number): E {
    return this.#cluster.network.splice(integerBetween(this.#random, 0, last), 1)[0]!;
  }

  #lose({ to }: ScheduledEnvelope): string {
    this.#trace.count("message lost");
    return to;
  }

  #propose(id: string): void {
    this.#cluster.propose(id, `${++this.#proposals}`);
  }

  /** Any of those who hold themselves for the leader, or, rarely, of the others. */
  #atLeader(other: string, act: (leader: string) => void): string {
    const { leaders } = this.#cluster;
    const id =
      leaders.length > 0 && this.#random.next() < 0.95 ? pick(this.#random, leaders) : other;
    this.#trace.record(id, "asked", "");
    act(id);
    return id;
  }

  /** Nobody is cut off any more, or leaders are, or a group, or each from some others in some way. */
  #cut(): void {
    const { leaders, voters } = this.#cluster;
    const chance = this.#random.next();
    const share = this.#random.next();
    const group = chance < 0.5 ? leaders : voters.filter(() => this.#random.next() < share);
    const isCut = (from: string, to: string): boolean => {
      if (chance < 0.2) return false;
      if (chance < 0.7) return group.includes(from) !== group.includes(to);
      return this.#random.next() < share;
    };
    const ways = voters.flatMap((from) =>
      voters.filter((to) => to !== from && isCut(from, to)).map((to) => `${from}→${to}`),
    );
    this.#trace.count("partition");
    this.#blocked = new Set(ways);
  }

  #draw(): Step {
    let left = this.#random.next() * this.#weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [step, weight] of this.#weights) if ((left -= weight) < 0) return step;
    return "deliver";
  }
}
