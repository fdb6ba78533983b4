import type { ReplicatedLog } from "@quorate/replication";
import { type Clock, pause } from "@quorate/runtime";
import { MapReduceError } from "../mapreduce-error.ts";
import type { JobJournal, OpenedJournal } from "./job-journal.ts";
import { decode, encode } from "./json-bytes.ts";
import type { JournalAnswer, JournalCommand, JournalMachine } from "./journal-machine.ts";

/** How often a command is proposed whose outcome is unknown, or for which there was no room. */
const MAX_PROPOSALS = 10;
const PROPOSE_AGAIN_MS = 100;

/**
 * A journal in a `ReplicatedLog`, for a master that may be started on another machine: run it where
 * the log's leader is (`log.onLeader`).
 *
 * Who opens it gets a new epoch, and what an earlier owner appends from then on is refused, wherever
 * that one is and whatever it believes: so of two masters at once only one can decide anything.
 */
export class ReplicatedJournal implements JobJournal {
  readonly #log: ReplicatedLog<JournalMachine>;
  readonly #journal: string;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #epoch = 0;
  #length = 0;
  /** The last append: each waits for the one before, so that none overtakes it in a retry. */
  #last: Promise<void> = Promise.resolve();

  constructor(log: ReplicatedLog<JournalMachine>, journal: string, clock: Clock) {
    this.#log = log;
    this.#journal = journal;
    this.#clock = clock;
  }

  async open(): Promise<OpenedJournal> {
    const { epoch } = await this.#propose({ kind: "open", journal: this.#journal });
    this.#epoch = epoch;
    const { value } = await this.#log.read((machine) => machine.records(this.#journal));
    this.#length = value.length;
    return { epoch, records: value.map((record) => new TextEncoder().encode(record)) };
  }

  append(record: Uint8Array): Promise<void> {
    const at = this.#length++;
    const text = new TextDecoder().decode(record);
    const command = { kind: "append", journal: this.#journal, at, record: text } as const;
    this.#last = this.#last.then(async () => {
      const answer = await this.#propose({ ...command, epoch: this.#epoch });
      if (answer.kind === "fenced") throw failed("another master has taken the job over");
    });
    return this.#last;
  }

  /** The job is over, and nobody will ask for it again. */
  async remove(): Promise<void> {
    await this.#propose({ kind: "remove", journal: this.#journal });
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  async #propose(command: JournalCommand): Promise<JournalAnswer> {
    const bytes = encode(command);
    const { signal } = this.#closed;
    let why = "";
    for (let tries = 0; tries < MAX_PROPOSALS && !signal.aborted; tries++) {
      const outcome = await this.#log.propose(bytes, { signal });
      if (outcome.kind === "committed") return decode(outcome.result) as JournalAnswer;
      why = outcome.reason;
      if (why === "not-leader" || why === "stopped" || why === "too-large") break;
      await pause(this.#clock, PROPOSE_AGAIN_MS, [signal]);
    }
    throw failed(`the log did not take it: ${signal.aborted ? "closed" : why}`);
  }
}

function failed(message: string): MapReduceError {
  return new MapReduceError("journal-failed", message);
}
