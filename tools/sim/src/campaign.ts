import {
  type FailureReport,
  reportFailure,
  type SimulationTarget,
  type TargetOptions,
  type TargetResult,
} from "@quorate/simulation";

/** What many runs of one target showed. */
export interface Summary {
  readonly target: string;
  readonly seeds: number;
  readonly failures: readonly { readonly seed: number; readonly reason: string }[];
  readonly operations: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly coverage: Readonly<Record<string, number>>;
  readonly events: number;
  readonly simulatedMinutes: number;
}

/** Failures after which a campaign ends: more of the same help nobody. */
const MOST_FAILURES = 10;
/** Runs of a seed that are spent on finding a smaller failure. */
const SHRINKING_RUNS = 60;

/** Runs a target over seeds, and adds up what it did. */
export class Campaign {
  readonly #target: SimulationTarget;
  readonly #options: { readonly only?: readonly number[] };
  readonly #commit: string;
  readonly #twice: boolean;
  readonly #failures: { readonly seed: number; readonly reason: string }[] = [];
  readonly #faults: Record<string, number> = {};
  readonly #coverage: Record<string, number>;
  #seeds = 0;
  #operations = 0;
  #events = 0;
  #simulatedMs = 0;

  constructor(
    target: SimulationTarget,
    options: {
      readonly only?: readonly number[];
      readonly commit: string;
      readonly twice: boolean;
    },
  ) {
    this.#target = target;
    this.#options = options.only ? { only: options.only } : {};
    this.#commit = options.commit;
    this.#twice = options.twice;
    this.#coverage = Object.fromEntries(target.coverage.map((name) => [name, 0]));
  }

  /** Whether enough has failed. */
  get isOver(): boolean {
    return this.#failures.length >= MOST_FAILURES;
  }

  get summary(): Summary {
    return {
      target: this.#target.name,
      seeds: this.#seeds,
      failures: this.#failures,
      operations: this.#operations,
      faults: sorted(this.#faults),
      coverage: this.#coverage,
      events: this.#events,
      simulatedMinutes: this.#simulatedMs / 60_000,
    };
  }

  /** Runs one seed; what it reports is the failure, if there is one. */
  async run(seed: number, mode: TargetOptions["mode"]): Promise<FailureReport | undefined> {
    const options = { ...this.#options, mode };
    const result = await this.#target.run(seed, options);
    this.#add(result);
    if (result.failure) {
      this.#failures.push({ seed, reason: result.failure.reason });
      return reportFailure(this.#target, seed, options, result, {
        commit: this.#commit,
        maxRuns: SHRINKING_RUNS,
      });
    }
    if (!this.#twice) return undefined;
    const again = await this.#target.run(seed, options);
    if (again.traceHash === result.traceHash) return undefined;
    const reason = `not deterministic: traces ${result.traceHash} and ${again.traceHash}`;
    this.#failures.push({ seed, reason });
    const replay = `pnpm sim ${this.#target.name} --seed ${seed} --mode ${mode} --twice`;
    const text = `${this.#target.name} is ${reason}\nreplay: ${replay}`;
    return { target: this.#target.name, seed, reason, replay, text };
  }

  #add({ operations, events, simulatedMs, faults, coverage }: TargetResult): void {
    this.#seeds++;
    this.#operations += operations;
    this.#events += events;
    this.#simulatedMs += simulatedMs;
    addTo(this.#faults, faults);
    addTo(this.#coverage, coverage);
  }
}

function addTo(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
