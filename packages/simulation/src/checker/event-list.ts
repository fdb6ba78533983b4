import { CheckerError } from "./checker-error.ts";
import type { Invocation, Operation } from "../history/operation.ts";

/**
 * The calls and returns of one object's history in the order of time, as a doubly linked list from
 * which an operation is lifted when it is placed, and put back where it was when that is undone.
 *
 * Nodes are numbers. Of `m` completed operations, numbered by their calls, `id` is the call and
 * `m + id` the return; `head` is before the first. Open operations are not in the list: they never
 * return, so each may take effect anywhere behind its call.
 *
 * Source: G. Lowe, "Testing for linearizability", Concurrency and Computation 29(4), 2017, §4; the
 * list is that of A. Athalye's porcupine.
 */
export class EventList<Input extends Invocation, Output> {
  /** Those that returned, by their calls. */
  readonly completed: readonly Operation<Input, Output>[];
  /** Those that never did, by their calls. */
  readonly open: readonly Operation<Input, Output>[];
  readonly head: number;
  /** The place of each return, by id, among all calls and returns. */
  readonly returnRank: Int32Array;
  /** The place of each open operation's call among all calls and returns. */
  readonly openRank: Int32Array;
  readonly next: Int32Array;
  readonly #previous: Int32Array;

  constructor(operations: readonly Operation<Input, Output>[]) {
    for (const operation of operations) checkTimes(operation);
    const byCall = isSorted(operations) ? operations : operations.toSorted(callsFirst);
    this.completed = byCall.filter((operation) => operation.return !== null);
    this.open = byCall.filter((operation) => operation.return === null);
    const count = this.completed.length;
    this.head = 2 * count;
    this.returnRank = new Int32Array(count);
    this.openRank = new Int32Array(this.open.length);
    this.next = new Int32Array(2 * count + 1);
    this.#previous = new Int32Array(2 * count + 1);
    this.#link(byCall);
  }

  /** Takes a call and its return out; the node that followed the call, if not that very return. */
  lift(id: number): number {
    const returned = id + this.completed.length;
    const before = this.#previous[id] as number;
    this.#join(before, this.next[id] as number);
    this.#join(this.#previous[returned] as number, this.next[returned] as number);
    return this.next[before] as number;
  }

  /** Puts them back; in the reverse order of `lift`. */
  putBack(id: number): void {
    const returned = id + this.completed.length;
    this.next[this.#previous[returned] as number] = returned;
    this.#previous[this.next[returned] as number] = returned;
    this.next[this.#previous[id] as number] = id;
    this.#previous[this.next[id] as number] = id;
  }

  /** A call and a return at one time overlap, as nobody can tell: so calls come first. */
  #link(byCall: readonly Operation<Input, Output>[]): void {
    const count = this.completed.length;
    const returns = returnOrder(this.completed);
    let last = this.head;
    const append = (node: number): void => {
      this.#join(last, node);
      last = node;
    };
    let id = 0;
    let open = 0;
    let returned = 0;
    for (let rank = 0; rank < byCall.length + count; rank++) {
      const called = byCall[id + open];
      const due = returns[returned];
      const dueAt = due === undefined ? Infinity : (this.completed[due]?.return as number);
      if (called && called.call <= dueAt) {
        if (called.return === null) this.openRank[open++] = rank;
        else append(id++);
      } else if (due !== undefined) {
        this.returnRank[due] = rank;
        append(count + due);
        returned++;
      }
    }
    this.#join(last, this.head);
  }

  #join(node: number, next: number): void {
    this.next[node] = next;
    this.#previous[next] = node;
  }
}

function returnOrder(completed: readonly Operation[]): Int32Array {
  const times = Float64Array.from(completed, (operation) => operation.return as number);
  const ids = Int32Array.from(times, (_, id) => id);
  return ids.sort((a, b) => (times[a] as number) - (times[b] as number));
}

function callsFirst(a: Operation, b: Operation): number {
  return a.call - b.call;
}

function isSorted(operations: readonly Operation[]): boolean {
  for (let at = 1; at < operations.length; at++) {
    if ((operations[at - 1] as Operation).call > (operations[at] as Operation).call) return false;
  }
  return true;
}

function checkTimes({ client, input, call, return: returned }: Operation): void {
  if (returned === null ? !Number.isNaN(call) : call <= returned) return;
  const message = `${client}'s ${input.op} is called at ${call} and returns at ${returned}`;
  throw new CheckerError("malformed-history", message);
}
