import type { Life, Voter } from "./configuration.ts";
import { Configuration } from "./configuration.ts";
import type { Configurations } from "./configurations.ts";

/** Who is to vote. `add` also takes back a node that has lost its data. */
export type Change =
  | { readonly add: string }
  | { readonly remove: string }
  | { readonly voters: readonly string[] };

/** How a change that a leader took on ended. */
export interface ChangeEnd {
  readonly id: number;
  /** Where the configuration stands in the log; undefined when the leader stopped leading first. */
  readonly index: number | undefined;
}

/** The names of those that a change lets vote, whoever votes now. */
export function namesAfter(change: Change, now: readonly string[]): readonly string[] {
  if ("voters" in change) return change.voters;
  if ("remove" in change) return now.filter((node) => node !== change.remove);
  return now.includes(change.add) ? now : [...now, change.add];
}

/** A change on its way through a leader: its newcomers are fed, it is decided, it comes into use. */
export class ConfigurationChange {
  readonly id: number;
  readonly names: readonly string[];
  readonly #change: Change;
  /** Where its entry stands, once it is proposed. */
  index: number | undefined;

  constructor(id: number, change: Change, now: readonly string[]) {
    this.id = id;
    this.#change = change;
    this.names = namesAfter(change, now);
  }

  /** Those whose votes would count anew: they are to be fed before they count. */
  newcomers(latest: Configuration, lifeOf: (node: string) => Life | undefined): readonly string[] {
    return this.names.filter((node) => {
      const life = lifeOf(node);
      if (!latest.has(node)) return true;
      return this.#adds(node) && (life === undefined || !latest.admits(node, life));
    });
  }

  /** Undefined while a newcomer has not said who it is. */
  voters(
    latest: Configuration,
    lifeOf: (node: string) => Life | undefined,
  ): readonly Voter[] | undefined {
    const newcomers = this.newcomers(latest, lifeOf);
    if (newcomers.some((node) => !lifeOf(node))) return undefined;
    return this.names.map((node) =>
      newcomers.includes(node)
        ? { node, birth: lifeOf(node)!.birth }
        : pinned(
            latest.voters.find((voter) => voter.node === node)!,
            lifeOf(node),
          ),
    );
  }

  #adds(node: string): boolean {
    return "add" in this.#change && this.#change.add === node;
  }
}

/**
 * The same voters, bound to the data that they have now: from then on a node that lost its data votes
 * no more. Undefined when there is nobody to bind.
 */
export function pinnedVoters(
  { latest }: Configurations,
  lifeOf: (node: string) => Life | undefined,
): readonly Voter[] | undefined {
  const voters = latest.voters.map((voter) => pinned(voter, lifeOf(voter.node)));
  const isNew = voters.some(({ birth }, at) => birth !== latest.voters[at]!.birth);
  return isNew ? voters : undefined;
}

function pinned(voter: Voter, life: Life | undefined): Voter {
  if (voter.birth !== undefined || !life?.votes) return voter;
  return { node: voter.node, birth: life.birth };
}
