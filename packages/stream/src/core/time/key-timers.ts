import type { Flow } from "../flow.ts";
import type { KeyedRows } from "../state/keyed-rows.ts";
import { NO_TIMERS, type Row } from "../state/row.ts";
import { KeyTimer, type TimeDomain } from "./key-timer.ts";
import { TimerHeap } from "./timer-heap.ts";

/**
 * Timers of the keys of an operator. They are kept in their key's row, so checkpoints and rescaling
 * carry them; the heaps are an index that a restore builds again.
 */
export class KeyTimers<K> {
  readonly #rows: KeyedRows<K>;
  readonly #heaps: { readonly [domain in TimeDomain]: TimerHeap<K> } = {
    event: new TimerHeap(),
    processing: new TimerHeap(),
  };
  #sequence = 0;

  constructor(rows: KeyedRows<K>) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#heaps.event.size + this.#heaps.processing.size;
  }

  /** Sets a timer of the current key; nothing if it is set already. */
  set(domain: TimeDomain, timeMs: number, namespace = 0): void {
    const row = this.#rows.row as Row<K>;
    if (this.#find(row, domain, timeMs, namespace)) return;
    this.#add(row, domain, timeMs, namespace, this.#sequence++);
    this.#rows.use(row);
  }

  /** Takes a timer of the current key back; nothing if it is not set. */
  delete(domain: TimeDomain, timeMs: number, namespace = 0): void {
    const timer = this.#find(this.#rows.row as Row<K>, domain, timeMs, namespace);
    if (timer) this.#remove(timer);
  }

  /** Whether the current key has a timer of this namespace. */
  has(namespace: number): boolean {
    return (this.#rows.row as Row<K>).timers.some((timer) => timer.namespace === namespace);
  }

  /** Takes all timers of one namespace of the current key back. */
  clear(namespace: number): void {
    const { timers } = this.#rows.row as Row<K>;
    for (let at = timers.length - 1; at >= 0; at--) {
      const timer = timers[at] as KeyTimer<K>;
      if (timer.namespace === namespace) this.#remove(timer);
    }
  }

  /**
   * Fires those that are due by `nowMs`, also those set meanwhile, each with its key current. Stops
   * once `flow` is blocked; false if some that are due are left then.
   */
  fire(
    domain: TimeDomain,
    nowMs: number,
    onTimer: (timer: KeyTimer<K>) => void,
    flow?: Flow,
  ): boolean {
    const heap = this.#heaps[domain];
    for (let timer = heap.earliest; timer && timer.timeMs <= nowMs; timer = heap.earliest) {
      if (flow && flow.blocked > 0) return false;
      this.#rows.row = timer.row;
      this.#remove(timer);
      onTimer(timer);
    }
    return true;
  }

  /**
   * Puts a timer back as a checkpoint has it; `Row.used` counts it already. In the order of their
   * sequence numbers.
   */
  adopt(row: Row<K>, { domain, timeMs, namespace, sequence }: EncodedTimer): void {
    this.#add(row, domain, timeMs, namespace, sequence);
    this.#sequence = Math.max(this.#sequence, sequence + 1);
  }

  #add(row: Row<K>, domain: TimeDomain, timeMs: number, namespace: number, sequence: number): void {
    const timer = new KeyTimer(row, domain, timeMs, namespace, sequence);
    if (row.timers === NO_TIMERS) row.timers = [timer];
    else row.timers.push(timer);
    this.#heaps[domain].add(timer);
  }

  #remove(timer: KeyTimer<K>): void {
    const { row, domain } = timer;
    const { timers } = row;
    if (timers.at(-1) === timer) timers.pop();
    else timers.splice(timers.indexOf(timer), 1);
    this.#heaps[domain].remove(timer);
    this.#rows.release(row);
  }

  // A key has few timers; a sliding window has size / slide of them.
  #find(
    row: Row<K>,
    domain: TimeDomain,
    timeMs: number,
    namespace: number,
  ): KeyTimer<K> | undefined {
    for (const timer of row.timers) {
      if (timer.timeMs === timeMs && timer.namespace === namespace && timer.domain === domain) {
        return timer;
      }
    }
    return undefined;
  }
}

/** A timer as a checkpoint has it. */
export type EncodedTimer = Pick<KeyTimer<unknown>, "domain" | "timeMs" | "namespace" | "sequence">;
