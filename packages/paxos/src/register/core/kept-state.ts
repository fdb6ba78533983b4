import type { Ballot } from "../../core/ballot.ts";
import type { Cell, Mark } from "./cell.ts";
import { ValueSlab } from "./codec/value-slab.ts";
import type { KeyState } from "./register-record.ts";

/** Room for a value comes in steps of so many bytes, since the next one is about as long. */
const ROOM_STEP_BYTES = 64;
const NO_ROOM = new Uint8Array(0);
/** What stands for the length of a value that is not there. */
const NO_VALUE = -1;
const COPIES = new ValueSlab();
const NO_CELL: Cell = { value: undefined, marks: [], forgotten: 0 };
const SOME_CELL: Cell = { value: NO_ROOM, marks: [], forgotten: 0 };

/**
 * A key's state in memory, written over in place. As objects it would be a dozen new ones an update, which
 * live just long enough to be copied by the garbage collector, twice (docs/decisions/0160).
 */
export class KeptState {
  #hasState = false;
  #promisedRound = 0;
  #promisedNode = "";
  #promisedIncarnation = 0;
  /** 0 when nothing was accepted. */
  #acceptedRound = 0;
  #acceptedNode = "";
  #acceptedIncarnation = 0;
  #forgotten = 0;
  /** Of each mark two numbers. */
  readonly #marks: number[] = [];
  #room: Uint8Array = NO_ROOM;
  #length = NO_VALUE;

  constructor(state: KeyState) {
    this.set(state);
  }

  /** The state as it is now, which stays as it is: a copy. */
  get state(): KeyState {
    if (!this.#hasState) return undefined;
    const promised = this.#promised;
    if (this.#acceptedRound === 0) return { promised, accepted: undefined };
    return { promised, accepted: { ballot: this.#acceptedBallot, value: this.#cell } };
  }

  /** As `state`, but without what was accepted besides its ballot and whether it has a value. */
  get outline(): KeyState {
    if (!this.#hasState) return undefined;
    const promised = this.#promised;
    if (this.#acceptedRound === 0) return { promised, accepted: undefined };
    const value = this.#length === NO_VALUE ? NO_CELL : SOME_CELL;
    return { promised, accepted: { ballot: this.#acceptedBallot, value } };
  }

  /** Whether the last that was accepted was in this ballot. */
  hasAccepted({ round, node, incarnation }: Ballot): boolean {
    return (
      this.#hasState &&
      this.#acceptedRound === round &&
      this.#acceptedNode === node &&
      this.#acceptedIncarnation === incarnation
    );
  }

  set(state: KeyState): void {
    this.#hasState = state !== undefined;
    if (!state) return;
    const { promised, accepted } = state;
    this.#promisedRound = promised.round;
    this.#promisedNode = promised.node;
    this.#promisedIncarnation = promised.incarnation;
    this.#acceptedRound = accepted?.ballot.round ?? 0;
    if (!accepted) return;
    this.#acceptedNode = accepted.ballot.node;
    this.#acceptedIncarnation = accepted.ballot.incarnation;
    this.#setCell(accepted.value);
  }

  /** What the value has room in. */
  get roomBytes(): number {
    return this.#room.length;
  }

  get #promised(): Ballot {
    return {
      round: this.#promisedRound,
      node: this.#promisedNode,
      incarnation: this.#promisedIncarnation,
    };
  }

  get #acceptedBallot(): Ballot {
    return {
      round: this.#acceptedRound,
      node: this.#acceptedNode,
      incarnation: this.#acceptedIncarnation,
    };
  }

  get #cell(): Cell {
    const marks: Mark[] = [];
    for (let at = 0; at < this.#marks.length; at += 2) {
      marks.push({ incarnation: this.#marks[at]!, sequence: this.#marks[at + 1]! });
    }
    const isThere = this.#length !== NO_VALUE;
    const value = isThere ? COPIES.copy(this.#room.subarray(0, this.#length)) : undefined;
    return { value, marks, forgotten: this.#forgotten };
  }

  #setCell({ value, marks, forgotten }: Cell): void {
    this.#forgotten = forgotten;
    this.#marks.length = 2 * marks.length;
    for (let at = 0; at < marks.length; at++) {
      this.#marks[2 * at] = marks[at]!.incarnation;
      this.#marks[2 * at + 1] = marks[at]!.sequence;
    }
    this.#length = value?.length ?? NO_VALUE;
    if (!value) return;
    const roomBytes = ROOM_STEP_BYTES * Math.ceil(value.length / ROOM_STEP_BYTES);
    const fits = value.length <= this.#room.length && this.#room.length <= 2 * roomBytes;
    if (!fits) this.#room = new Uint8Array(roomBytes);
    this.#room.set(value);
  }
}
