import { invariant } from "../../core/invariant.ts";
import { Configuration, type Voter } from "./configuration.ts";

/** A configuration that was decided, and the slot where it was. */
export interface DecidedConfiguration {
  readonly index: number;
  readonly voters: readonly Voter[];
}

interface Known {
  readonly index: number;
  /** The first slot that it is used for: α after `index` (Paxos Made Simple, §3). */
  readonly from: number;
  readonly configuration: Configuration;
}

/**
 * Who votes in which slot: "the set of servers that execute instance i + α is determined by the state
 * after execution of instance i" (Paxos Made Simple, §3). So for α slots after the last that is
 * decided the voters are known, and for no slot beyond.
 */
export class Configurations {
  readonly #window: number;
  /** In the order of their slots. None is ever forgotten: one who lags may need any. */
  readonly #known: Known[];

  /** `window` is α, the same on all nodes for ever. */
  constructor(
    window: number,
    initial: readonly Voter[],
    decided: readonly DecidedConfiguration[] = [],
  ) {
    this.#window = window;
    this.#known = [{ index: 0, from: 0, configuration: new Configuration(initial) }];
    for (const { index, voters } of decided) this.decide(index, voters);
  }

  /** The newest that is decided, in use or not yet. */
  get latest(): Configuration {
    return this.#known.at(-1)!.configuration;
  }

  /** The first slot that uses `latest`. */
  get latestFrom(): number {
    return this.#known.at(-1)!.from;
  }

  /** All but the initial one: what a node must be told that was not there when they were decided. */
  get decided(): readonly DecidedConfiguration[] {
    return this.#known
      .filter(({ index }) => index > 0)
      .map(({ index, configuration }) => ({ index, voters: configuration.voters }));
  }

  at(slot: number): Configuration {
    return this.#known.findLast(({ from }) => from <= slot)!.configuration;
  }

  /** The last slot with the configuration of `slot`, as far as is known. */
  lastLike(slot: number): number {
    const next = this.#known.find(({ from }) => from > slot);
    return next ? next.from - 1 : Number.POSITIVE_INFINITY;
  }

  /** All that are used for `slot` or later. */
  since(slot: number): readonly Configuration[] {
    return this.#known
      .filter((_, at) => (this.#known[at + 1]?.from ?? Number.POSITIVE_INFINITY) > slot)
      .map(({ configuration }) => configuration);
  }

  /** A configuration is decided at `index`. False when that was known. */
  decide(index: number, voters: readonly Voter[]): boolean {
    const last = this.#known.at(-1)!;
    if (this.#known.some((known) => known.index === index)) return false;
    invariant(index > last.index, `configuration ${index} is decided after ${last.index}`);
    const from = index + this.#window;
    this.#known.push({ index, from, configuration: new Configuration(voters) });
    return true;
  }
}
