import { StreamError } from "../../stream-error.ts";
import type { KeyTimer, TimeDomain } from "../time/key-timer.ts";
import type { KeyTimers } from "../time/key-timers.ts";
import type { Cell } from "./cell.ts";
import type { KeyedRows } from "./keyed-rows.ts";

/** When a state of a key is forgotten. A list or map expires as a whole. */
export interface TimeToLive {
  /** Milliseconds after its last write (or read, see `refreshOn`). Above 0. */
  readonly ttlMs: number;
  /**
   * Which clock counts: that of the machine, or event time: from the timestamp of the record or timer
   * that wrote, until the watermark has come `ttlMs` further.
   *
   * @default "processing"
   */
  readonly domain?: TimeDomain;
  /** What begins the time anew. @default "write" */
  readonly refreshOn?: "write" | "read-and-write";
}

/** @throws {StreamError} `invalid-option` */
export function validTimeToLive(name: string, options: TimeToLive): Required<TimeToLive> {
  const { ttlMs, domain = "processing", refreshOn = "write" } = options;
  if (!(ttlMs > 0 && ttlMs < Infinity)) {
    throw new StreamError("invalid-option", `${name}: ttlMs must be above 0, not ${ttlMs}`);
  }
  return { ttlMs, domain, refreshOn };
}

/** What cells that expire know of their operator. */
export interface ExpiryHost {
  readonly rows: KeyedRows<unknown>;
  readonly timers: KeyTimers<unknown>;
  /** How far a clock has come: what expires at this time or before is gone. */
  nowMs(domain: TimeDomain): number;
  /** Where what is worked on stands on a clock. */
  touchedAtMs(domain: TimeDomain): number;
}

/**
 * A cell whose value expires. When is in a slot beside it, so a state may get or lose its time to live
 * in a later version. There is at most one timer a cell, not moved when the time begins anew: once it
 * fires it is set again if it came too early. So an expired value is never returned, and none stays.
 */
export class ExpiringCell implements Cell {
  readonly #host: ExpiryHost;
  readonly #slot: number;
  readonly #expirySlot: number;
  readonly #options: Required<TimeToLive>;

  constructor(host: ExpiryHost, slot: number, expirySlot: number, options: Required<TimeToLive>) {
    this.#host = host;
    this.#slot = slot;
    this.#expirySlot = expirySlot;
    this.#options = options;
  }

  get(): unknown {
    const { rows } = this.#host;
    const value = rows.row?.slots[this.#slot];
    if (value === undefined) return undefined;
    if (this.#expiresAtMs <= this.#host.nowMs(this.#options.domain)) {
      this.#empty();
      return undefined;
    }
    if (this.#options.refreshOn === "read-and-write") this.touch();
    return value;
  }

  put(value: unknown): void {
    if (value === undefined) return this.#empty();
    this.#host.rows.put(this.#slot, value);
    this.touch();
  }

  touch(): void {
    const { rows, timers } = this.#host;
    const { domain, ttlMs } = this.#options;
    const atMs = this.#host.touchedAtMs(domain) + ttlMs;
    // A record that comes late does not shorten what an earlier one gave.
    const before = rows.row?.slots[this.#expirySlot] as number | undefined;
    const expiresAtMs = before === undefined ? atMs : Math.max(before, atMs);
    if (expiresAtMs === before) return rows.touch();
    rows.put(this.#expirySlot, expiresAtMs);
    if (!timers.has(this.#namespace)) timers.set(domain, expiresAtMs, this.#namespace);
  }

  /** Whether the timer was this cell's. */
  onTimer({ namespace, domain }: KeyTimer<unknown>): boolean {
    if (namespace !== this.#namespace) return false;
    const { rows, timers } = this.#host;
    if (rows.row?.slots[this.#expirySlot] === undefined) return true;
    const expiresAtMs = this.#expiresAtMs;
    if (expiresAtMs <= this.#host.nowMs(domain)) this.#empty();
    else timers.set(domain, expiresAtMs, this.#namespace);
    return true;
  }

  /** Without one, the value was written by a version whose state did not expire. */
  get #expiresAtMs(): number {
    return (this.#host.rows.row?.slots[this.#expirySlot] as number | undefined) ?? Infinity;
  }

  /** Below those of users and windows, which have timers in operators of their own. */
  get #namespace(): number {
    return -1 - this.#slot;
  }

  #empty(): void {
    this.#host.rows.put(this.#slot, undefined);
    this.#host.rows.put(this.#expirySlot, undefined);
  }
}
