import type { Invocation, Operation } from "../history/operation.ts";
import type { Model } from "../models/model.ts";
import { CheckerError } from "./checker-error.ts";
import type { ConfigurationMemo } from "./configuration-memo.ts";
import { EventList } from "./event-list.ts";

/** What stopped a search before it knew. */
export type SearchBound = "maxMemoryBytes" | "maxSteps";

export type SearchResult<Input extends Invocation, Output> =
  | {
      /** All completed operations have a place. */
      readonly kind: "placed";
      /** An order that explains them, with the open operations that it needs. */
      readonly order: readonly Operation<Input, Output>[];
    }
  | {
      readonly kind: "stuck";
      /** Whatever the order, an operation has no place when this one returns, or before that. */
      readonly at: Operation<Input, Output>;
      /** The longest order that reaches that return. Empty unless asked for. */
      readonly longest: readonly Operation<Input, Output>[];
    }
  | { readonly kind: "bounded"; readonly bound: SearchBound };

export interface SearchLimits {
  /** Counts down; shared by searches that share a bound. */
  stepsLeft: number;
}

const NOTHING_LEFT = -1;
const WORD_BITS = 32;

/**
 * Looks for an order of one object's operations that keeps the order of time and that the model
 * accepts: Wing and Gong's search with Lowe's memo, depth first, without recursion.
 *
 * Beyond Lowe: an operation that changes nothing is placed as soon as it fits, and never tried
 * elsewhere (an order with it elsewhere is as good with it here); open operations are tried only
 * after the completed ones, may stay away, and of equal ones the earliest called goes first.
 *
 * Sources: J. Wing, C. Gong, "Testing and verifying concurrent objects", JPDC 17, 1993; G. Lowe,
 * "Testing for linearizability", Concurrency and Computation 29(4), 2017.
 */
export class Search<State, Input extends Invocation, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #memo: ConfigurationMemo;
  readonly #limits: SearchLimits;
  readonly #events: EventList<Input, Output>;
  readonly #count: number;
  readonly #isReadOnly: Uint8Array;
  /** By open operation: the equal one that was called last before it, or -1. */
  readonly #twin: Int32Array;

  /** Bits of the placed completed operations; words before `#from` are full, after `#to` empty. */
  readonly #placed: Int32Array;
  readonly #placedOpen: Int32Array;
  #from = 0;
  #to = -1;
  #left: number;
  #state: State;
  #stateNumber: number;

  /** What was placed, in order: ids, and `#count + open` for open operations. */
  readonly #stack: Int32Array;
  readonly #statesBefore: State[] = [];
  readonly #stateNumbersBefore: Int32Array;
  /** Up to which rank open operations were candidates when this one was placed. */
  readonly #rankLimits: Int32Array;
  #depth = 0;

  #stuckAt = -1;
  #longest: Int32Array = new Int32Array(0);

  constructor(
    operations: readonly Operation<Input, Output>[],
    model: Model<State, Input, Output>,
    memo: ConfigurationMemo,
    limits: SearchLimits,
  ) {
    const isReadOnly = ({ input, output }: Operation<Input, Output>): boolean =>
      model.readOnly?.(input, output) ?? false;
    // An open read tells nothing, and does nothing.
    const telling = operations.filter((each) => each.return !== null || !isReadOnly(each));
    memo.clear();
    this.#model = model;
    this.#memo = memo;
    this.#limits = limits;
    this.#events = new EventList(telling);
    const { completed, open } = this.#events;
    this.#count = completed.length;
    this.#left = completed.length;
    this.#isReadOnly = Uint8Array.from(completed, (each) => (isReadOnly(each) ? 1 : 0));
    this.#twin = twins(open);
    this.#placed = new Int32Array(Math.ceil(completed.length / WORD_BITS));
    this.#placedOpen = new Int32Array(Math.ceil(open.length / WORD_BITS));
    this.#stack = new Int32Array(telling.length);
    this.#stateNumbersBefore = new Int32Array(telling.length);
    this.#rankLimits = new Int32Array(telling.length);
    this.#state = model.initial;
    this.#stateNumber = memo.numberOf(model.stateKey(model.initial));
  }

  /** Once. With `keepLongest`, a search that is stuck tells how far it came, at some cost. */
  run(keepLongest: boolean): SearchResult<Input, Output> {
    const { next, head, returnRank } = this.#events;
    this.#placeReads();
    let node = next[head] as number;
    while (this.#left > 0) {
      if (this.#memo.full) return { kind: "bounded", bound: "maxMemoryBytes" };
      if (this.#limits.stepsLeft <= 0) return { kind: "bounded", bound: "maxSteps" };
      if (node < this.#count) {
        node = this.#placeWrite(node) ? (next[head] as number) : (next[node] as number);
        continue;
      }
      // The return of an operation that has no place yet: only an open one can help before it.
      const rank = returnRank[node - this.#count] as number;
      if (!this.#placeOpen(0, rank)) {
        this.#noteDeadEnd(node - this.#count, rank, keepLongest);
        node = this.#goBack();
        if (node === NOTHING_LEFT) return this.#stuck();
      } else {
        node = next[head] as number;
      }
    }
    return { kind: "placed", order: this.#operations(this.#stack.subarray(0, this.#depth)) };
  }

  /** Places a completed operation that may change the state, and all reads that fit behind it. */
  #placeWrite(id: number): boolean {
    if (this.#isReadOnly[id] === 1) return false; // it was tried in this state
    const { input, output } = this.#events.completed[id] as Operation<Input, Output>;
    this.#limits.stepsLeft--;
    const after = this.#model.step(this.#state, input, output);
    if (after === undefined) return false;
    const stateNumber = this.#memo.numberOf(this.#model.stateKey(after));
    this.#mark(id);
    if (!this.#isNew(stateNumber)) {
      this.#unmark(id);
      return false;
    }
    this.#push(id, after, stateNumber, 0);
    this.#events.lift(id);
    this.#left--;
    this.#placeReads();
    return true;
  }

  /** Places every completed operation that changes nothing and fits the state, as far as it goes. */
  #placeReads(): void {
    const { next, head, completed } = this.#events;
    let node = next[head] as number;
    while (node < this.#count) {
      if (this.#isReadOnly[node] === 0 || !this.#fits(completed[node] as never)) {
        node = next[node] as number;
        continue;
      }
      this.#mark(node);
      this.#push(node, this.#state, this.#stateNumber, 0);
      node = this.#events.lift(node);
      this.#left--;
    }
  }

  #fits({ input, output }: Operation<Input, Output>): boolean {
    this.#limits.stepsLeft--;
    const after = this.#model.step(this.#state, input, output);
    if (after === undefined) return false;
    if (after !== this.#state) this.#checkReadOnly(after, input);
    return true;
  }

  /** Places the first open operation from `first` on that was called before `rank` and matters. */
  #placeOpen(first: number, rank: number): boolean {
    const { open, openRank } = this.#events;
    for (let at = first; at < open.length && (openRank[at] as number) < rank; at++) {
      if (this.#isPlacedOpen(at)) continue;
      const twin = this.#twin[at] as number;
      if (twin >= 0 && !this.#isPlacedOpen(twin)) continue;
      const { input } = open[at] as Operation<Input, Output>;
      this.#limits.stepsLeft--;
      const after = this.#model.step(this.#state, input, undefined);
      if (after === undefined) continue;
      const stateNumber = this.#memo.numberOf(this.#model.stateKey(after));
      if (stateNumber === this.#stateNumber) continue;
      this.#toggleOpen(at);
      if (this.#isNew(stateNumber)) {
        this.#push(this.#count + at, after, stateNumber, rank);
        this.#placeReads();
        return true;
      }
      this.#toggleOpen(at);
    }
    return false;
  }

  /** Undoes placements until one can be made differently; the node to go on from. */
  #goBack(): number {
    const { next, head } = this.#events;
    while (this.#depth > 0) {
      const last = this.#pop();
      if (last >= this.#count) {
        const open = last - this.#count;
        this.#toggleOpen(open);
        const rank = this.#rankLimits[this.#depth] as number;
        if (this.#placeOpen(open + 1, rank)) return next[head] as number;
        continue;
      }
      this.#events.putBack(last);
      this.#unmark(last);
      this.#left++;
      if (this.#isReadOnly[last] === 0) return next[last] as number;
    }
    return NOTHING_LEFT;
  }

  #push(entry: number, after: State, stateNumber: number, rankLimit: number): void {
    const depth = this.#depth++;
    this.#stack[depth] = entry;
    this.#statesBefore[depth] = this.#state;
    this.#stateNumbersBefore[depth] = this.#stateNumber;
    this.#rankLimits[depth] = rankLimit;
    this.#state = after;
    this.#stateNumber = stateNumber;
  }

  #pop(): number {
    const depth = --this.#depth;
    this.#state = this.#statesBefore[depth] as State;
    this.#stateNumber = this.#stateNumbersBefore[depth] as number;
    return this.#stack[depth] as number;
  }

  #isNew(stateNumber: number): boolean {
    return this.#memo.add(stateNumber, this.#placed, this.#from, this.#to, this.#placedOpen);
  }

  #mark(id: number): void {
    const word = id >>> 5;
    this.#placed[word] = (this.#placed[word] as number) | (1 << (id & 31));
    if (word > this.#to) this.#to = word;
    while (this.#placed[this.#from] === -1) this.#from++;
  }

  #unmark(id: number): void {
    const word = id >>> 5;
    this.#placed[word] = (this.#placed[word] as number) & ~(1 << (id & 31));
    if (word < this.#from) this.#from = word;
    while (this.#to >= 0 && this.#placed[this.#to] === 0) this.#to--;
  }

  #isPlacedOpen(at: number): boolean {
    return ((this.#placedOpen[at >>> 5] as number) & (1 << (at & 31))) !== 0;
  }

  #toggleOpen(at: number): void {
    this.#placedOpen[at >>> 5] = (this.#placedOpen[at >>> 5] as number) ^ (1 << (at & 31));
  }

  #noteDeadEnd(id: number, rank: number, keepLongest: boolean): void {
    const furthest = this.#stuckAt < 0 ? -1 : (this.#events.returnRank[this.#stuckAt] as number);
    if (rank < furthest) return;
    const isLonger = rank > furthest || this.#depth > this.#longest.length;
    if (keepLongest && isLonger) this.#longest = this.#stack.slice(0, this.#depth);
    this.#stuckAt = id;
  }

  #stuck(): SearchResult<Input, Output> {
    const at = this.#events.completed[this.#stuckAt] as Operation<Input, Output>;
    return { kind: "stuck", at, longest: this.#operations(this.#longest) };
  }

  #operations(entries: Int32Array): Operation<Input, Output>[] {
    const { completed, open } = this.#events;
    return Array.from(entries, (entry) => {
      return (entry < this.#count ? completed[entry] : open[entry - this.#count]) as Operation<
        Input,
        Output
      >;
    });
  }

  #checkReadOnly(after: State, input: Input): void {
    if (this.#model.stateKey(after) === this.#model.stateKey(this.#state)) return;
    const operation = `${this.#model.name}: ${input.op}`;
    throw new CheckerError("invalid-model", `${operation} is read-only, and changes the state`);
  }
}

function twins(open: readonly Operation[]): Int32Array {
  const lastEqual = new Map<string, number>();
  return Int32Array.from(open, ({ input }, at) => {
    const key = JSON.stringify([input.op, input.key, input.value]);
    const twin = lastEqual.get(key) ?? -1;
    lastEqual.set(key, at);
    return twin;
  });
}
