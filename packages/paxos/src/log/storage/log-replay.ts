import { ReplicationError } from "@quorate/replication";
import { entryOf, type LogPosition } from "@quorate/replication/driver";
import { type Ballot, higherBallot, NO_BALLOT } from "../../core/ballot.ts";
import { SlotLog } from "../core/slot-log.ts";
import { decodeRunHead, RUN_BYTE, type RunHead } from "./run-record.ts";
import { decodeState, STATE_BYTE, type StoredState } from "./state-record.ts";

/** What the records of a write-ahead log amount to. */
interface Replayed {
  /** Undefined of an empty log. */
  readonly state: StoredState | undefined;
  readonly promised: Ballot;
  readonly decided: number;
  readonly log: SlotLog;
}

/** Reads a node's records in their order: what was accepted later takes the place of the earlier. */
export class LogReplay {
  readonly runs: { at: number; lastSlot: number }[] = [];
  readonly #log: SlotLog;
  #state: StoredState | undefined;
  #promised: Ballot = NO_BALLOT;
  #decided: number;
  #run: RunHead | undefined;
  #nextSlot = 0;

  constructor(snapshot: LogPosition) {
    this.#log = new SlotLog(snapshot);
    this.#decided = snapshot.index;
  }

  /** @throws {ReplicationError} `damaged`. */
  add(index: number, record: Uint8Array): void {
    if (record[0] === STATE_BYTE) {
      this.#run = undefined;
      this.#state = decodeState(record);
      return this.#knows(this.#state.promised, this.#state.decided);
    }
    if (record[0] === RUN_BYTE) {
      this.#run = decodeRunHead(record);
      this.#nextSlot = this.#run.first;
      this.runs.push({ at: index, lastSlot: this.#run.first - 1 });
      return this.#knows(this.#run.ballot, this.#run.decided);
    }
    const entry = entryOf(record);
    if (!entry || !this.#run) {
      throw new ReplicationError("damaged", `record ${index} of the log is of no known kind`);
    }
    this.#log.put(this.#nextSlot, this.#run.ballot, entry);
    this.runs.at(-1)!.lastSlot = this.#nextSlot++;
  }

  /** @throws {ReplicationError} `damaged`: entries that were known to be decided are not there. */
  finish(): Replayed {
    for (let slot = this.#log.base.index + 1; slot <= this.#decided; slot++) {
      if (this.#log.entryAt(slot)) continue;
      throw new ReplicationError("damaged", `slot ${slot} is decided, and its entry is not there`);
    }
    const [state, log] = [this.#state, this.#log];
    return { state, promised: this.#promised, decided: this.#decided, log };
  }

  /** Accepting raises the promise, so the ballots of runs count as well. */
  #knows(promised: Ballot, decided: number): void {
    this.#promised = higherBallot(this.#promised, promised);
    this.#decided = Math.max(this.#decided, decided);
  }
}
