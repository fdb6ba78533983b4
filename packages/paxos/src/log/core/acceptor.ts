import { type Entry, type LogPosition, payloadOf } from "@quorate/replication/driver";
import { type AcceptorState, promise, UNTOUCHED } from "../../core/acceptor-state.ts";
import { type Ballot, compareBallots, isSameBallot } from "../../core/ballot.ts";
import type { Persistence } from "../../core/persistence.ts";
import { decodeVoters } from "./configuration.ts";
import { Configurations, type DecidedConfiguration } from "./configurations.ts";
import type { LogCoreOptions } from "./log-core-options.ts";
import type { LogRecord } from "./log-record.ts";
import type { Withheld } from "./message.ts";
import type { AcceptedSlot, SlotLog } from "./slot-log.ts";

/** What a disk had when the node started. */
export interface RecoveredLog {
  readonly promised: Ballot;
  /** Up to where it was known what is decided; at least what the snapshot covers. */
  readonly decided: number;
  readonly configurations: readonly DecidedConfiguration[];
  /** What the newest snapshot covers; all of it is applied. */
  readonly snapshot: LogPosition;
  readonly log: SlotLog;
}

/**
 * The acceptor of all slots, with one promise for all of them, and the learner of what is decided.
 * All that a node must not forget is here, and each change of it is recorded for the disk.
 */
export class LogAcceptor {
  readonly log: SlotLog;
  readonly configurations: Configurations;
  /** What the newest snapshot on this node's disk covers. */
  snapshot: LogPosition;
  readonly #id: string;
  readonly #persistence: Persistence<LogRecord, Withheld>;
  #state: AcceptorState<never>;
  #decided: number;
  #match = 0;
  /** Slots of decided configurations that are not known to be on disk. */
  #unrecorded: number[] = [];
  /** All configurations up to this slot are known, and on disk. */
  #configurationsKnownUpTo: number;

  constructor(
    { id, window, voters }: LogCoreOptions,
    recovered: RecoveredLog,
    persistence: Persistence<LogRecord, Withheld>,
  ) {
    this.#id = id;
    this.#persistence = persistence;
    this.log = recovered.log;
    this.snapshot = recovered.snapshot;
    this.#state = { ...UNTOUCHED, promised: recovered.promised };
    this.#decided = Math.max(recovered.decided, recovered.snapshot.index);
    this.#configurationsKnownUpTo = this.#decided;
    const initial = voters.map((node) => ({ node, birth: undefined }));
    this.configurations = new Configurations(window, initial, recovered.configurations);
    this.#recount();
  }

  get promised(): Ballot {
    return this.#state.promised;
  }

  /** Every slot up to this is decided, and this node has, or had, what was decided. */
  get decided(): number {
    return this.#decided;
  }

  /** Every slot up to this is accepted in the ballot that is promised, or is decided. */
  get match(): number {
    return this.#match;
  }

  /**
   * What may be applied. A configuration must be on disk before, since a snapshot of what is applied
   * may take the place of its entry.
   */
  get mayApplyUpTo(): number {
    return Math.min(this.#decided, (this.#unrecorded[0] ?? Number.POSITIVE_INFINITY) - 1);
  }

  /** Whether a snapshot that ends at `index` may come: who votes after it must be known. */
  knowsConfigurationsUpTo(index: number): boolean {
    return index <= this.#configurationsKnownUpTo && this.#unrecorded.length === 0;
  }

  /**
   * Phase 1b. False when a higher ballot is promised, or another of the same round: so that a round
   * has one leader at most, as a term of Raft.
   */
  prepare(ballot: Ballot): boolean {
    const { promised } = this.#state;
    if (ballot.round === promised.round && !isSameBallot(ballot, promised)) return false;
    return this.#raise(ballot);
  }

  /** A leader's ballot: whoever hears it promises it, too. False when a higher one is promised. */
  hear(ballot: Ballot): boolean {
    return this.#raise(ballot);
  }

  /** Phase 2b, for a run of slots: accepting raises the promise. False when a higher one is promised. */
  accept(ballot: Ballot, first: number, entries: readonly Entry[]): boolean {
    if (!this.#raise(ballot)) return false;
    for (let at = 0; at < entries.length; at++) {
      if (!this.#isNew(first + at, ballot)) continue;
      let end = at + 1;
      while (end < entries.length && this.#isNew(first + end, ballot)) end++;
      this.#put(
        ballot,
        first + at,
        at === 0 && end === entries.length ? entries : entries.slice(at, end),
      );
      at = end;
    }
    this.#recount();
    return true;
  }

  /** Learns that the slots up to `index` are decided, of which it has what it has accepted. */
  decide(index: number): void {
    this.#decideUpTo(Math.min(index, this.#match));
  }

  /** Learns what is decided in some slots, whatever it has accepted in them itself. */
  learn(decided: readonly AcceptedSlot[]): void {
    for (const { slot, ballot, entry } of decided) {
      if (slot <= this.#decided) continue;
      if (slot !== this.#decided + 1) break;
      const accepted = this.log.ballotAt(slot);
      // In a later ballot than the one that decided nothing else was accepted.
      if (!accepted || compareBallots(ballot, accepted) > 0) this.#put(ballot, slot, [entry]);
      this.#decideUpTo(slot);
    }
    this.#recount();
  }

  #decideUpTo(upTo: number): void {
    for (let slot = this.#decided + 1; slot <= upTo; slot++) {
      const entry = this.log.entryAt(slot)!;
      if (entry.kind === "configuration") this.#configure(slot, entry);
    }
    this.#decided = Math.max(this.#decided, upTo);
    this.#configurationsKnownUpTo = Math.max(this.#configurationsKnownUpTo, this.#decided);
  }

  /** A snapshot took the place of all slots up to `last`. */
  restore(last: LogPosition): void {
    this.snapshot = last;
    this.log.trimTo(last);
    this.#decided = last.index;
    this.#match = Math.max(this.#match, this.#decided);
    this.#recount();
    this.#record();
  }

  /** Another node tells all configurations that were decided up to `upTo`. */
  learnConfigurations(upTo: number, decided: readonly DecidedConfiguration[]): void {
    if (upTo <= this.#configurationsKnownUpTo) return;
    let isNews = false;
    for (const { index, voters } of decided) {
      if (index <= this.#configurationsKnownUpTo) continue;
      if (this.configurations.decide(index, voters)) isNews = true;
    }
    this.#configurationsKnownUpTo = upTo;
    if (isNews) this.#recordConfigurations(upTo);
  }

  /** Configurations that were decided up to `upTo` are on disk. */
  recorded(upTo: number): void {
    this.#unrecorded = this.#unrecorded.filter((index) => index > upTo);
  }

  #raise(ballot: Ballot): boolean {
    const before = this.#state;
    const after = promise(before, ballot);
    if (!after) return false;
    this.#state = after;
    if (after === before) return true;
    this.#match = this.#decided;
    this.#recount();
    this.#record();
    return true;
  }

  #isNew(slot: number, ballot: Ballot): boolean {
    if (slot <= this.#decided) return false;
    const accepted = this.log.ballotAt(slot);
    return accepted === undefined || !isSameBallot(accepted, ballot);
  }

  #put(ballot: Ballot, first: number, entries: readonly Entry[]): void {
    for (let at = 0; at < entries.length; at++) this.log.put(first + at, ballot, entries[at]!);
    const decided = this.#decided;
    this.#persistence.record({ kind: "accepted", ballot, first, entries, decided });
  }

  #recount(): void {
    this.#match = Math.max(this.#match, this.#decided);
    for (let next = this.#match + 1; ; next++) {
      const ballot = this.log.ballotAt(next);
      if (!ballot || !isSameBallot(ballot, this.#state.promised)) return;
      this.#match = next;
    }
  }

  #configure(slot: number, entry: Entry): void {
    if (!this.configurations.decide(slot, decodeVoters(payloadOf(entry)))) return;
    this.#recordConfigurations(slot);
  }

  #recordConfigurations(upTo: number): void {
    this.#unrecorded.push(upTo);
    this.#record();
    this.#persistence.promise(this.#id, { type: "recorded", upTo });
  }

  #record(): void {
    const { promised } = this.#state;
    const { decided: configurations } = this.configurations;
    this.#persistence.record({ kind: "state", promised, decided: this.#decided, configurations });
  }
}
