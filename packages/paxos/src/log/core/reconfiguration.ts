import { encodeVoters, type Voter } from "./configuration.ts";
import {
  type Change,
  type ChangeEnd,
  ConfigurationChange,
  pinnedVoters,
} from "./configuration-change.ts";
import type { Member } from "./member.ts";
import type { Peers } from "./peers.ts";
import { reachedByQuorum } from "./reached-by-quorum.ts";

/**
 * How a leader changes who votes, one change at a time: newcomers are fed first, then the voters are an
 * entry of the log, then the change is in use.
 *
 * Source: Lamport, "Paxos Made Simple", 2001, §3: the state after slot i says who votes in slot i + α.
 */
export class Reconfiguration {
  readonly #member: Member;
  readonly #peers: Peers;
  /** Gives the next slot to the voters to come. */
  readonly #append: (payload: Uint8Array) => number;
  readonly #ended: ChangeEnd[] = [];
  /** Where the newest configuration stands, decided or not. */
  #index = 0;
  #change: ConfigurationChange | undefined;

  constructor(member: Member, peers: Peers, append: (payload: Uint8Array) => number) {
    this.#member = member;
    this.#peers = peers;
    this.#append = append;
  }

  /** Who shall vote when the change is in use, so must be fed before. */
  get names(): readonly string[] {
    return this.#change?.names ?? [];
  }

  /** False when another change is under way. Ends in `takeEnded`. */
  begin(id: number, change: Change): boolean {
    if (this.#change) return false;
    const { latest } = this.#member.acceptor.configurations;
    this.#change = new ConfigurationChange(id, change, latest.nodes);
    return true;
  }

  takeEnded(): ChangeEnd[] {
    return this.#ended.splice(0);
  }

  /** This node leads no more: what became of the change, the next leader knows. */
  abandon(): ChangeEnd[] {
    return this.#change ? [{ id: this.#change.id, index: undefined }] : [];
  }

  /** Goes on with the change, if all configurations that there are have come into use. */
  advance(): void {
    const change = this.#change;
    if (!change || !this.#isConfigured) return;
    if (change.index === undefined) return this.#propose(change);
    if (!this.isInUse()) return;
    this.#ended.push({ id: change.id, index: change.index });
    this.#change = undefined;
  }

  /** Binds the voters to the data that they have now. */
  pin(): void {
    if (this.#change || !this.#isConfigured) return;
    const { configurations } = this.#member.acceptor;
    const voters = pinnedVoters(configurations, (node) => this.#peers.lifeOf(node));
    if (voters) this.#appendVoters(voters);
  }

  /** Whether a quorum of the newest voters knows that all slots of those before are decided. */
  isInUse(): boolean {
    const { configurations, decided, promised } = this.#member.acceptor;
    const { latest, latestFrom } = configurations;
    const known = this.#peers.reached(decided, (peer) => peer.decided);
    return reachedByQuorum(latest, promised, known) >= latestFrom - 1;
  }

  get #isConfigured(): boolean {
    const { decided, configurations } = this.#member.acceptor;
    return decided >= this.#index && decided >= configurations.latestFrom - 1;
  }

  #propose(change: ConfigurationChange): void {
    const { acceptor, options } = this.#member;
    const { latest } = acceptor.configurations;
    const lifeOf = (node: string) => this.#peers.lifeOf(node);
    const voters = change.voters(latest, lifeOf);
    const isFed = change
      .newcomers(latest, lifeOf)
      .every((node) => this.#peers.get(node)?.isUpTo(acceptor.decided - options.window));
    if (voters && isFed) change.index = this.#appendVoters(voters);
  }

  #appendVoters(voters: readonly Voter[]): number {
    this.#index = this.#append(encodeVoters(voters));
    return this.#index;
  }
}
