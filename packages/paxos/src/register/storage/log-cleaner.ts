import { type Wal, WalError } from "@quorate/wal";
import { PaxosError } from "../../paxos-error.ts";

/** What a cleaner must know of the records. */
export interface LogCleanerParts {
  /** How many records are needed. */
  readonly live: () => number;
  /** Whether a record that stands at `place` is. */
  readonly isLive: (place: number, record: Uint8Array) => boolean;
  /** A copy of a record is durable; the first will be dropped. */
  readonly moved: (from: number, to: number, record: Uint8Array) => void;
}

/** Bytes that are looked at in one step. */
const STEP_BYTES = 1024 * 1024;

/**
 * Keeps a log at most about twice as long as what is needed of it: takes the oldest records, appends
 * those again that still count, and drops all of them. One step at a time, beside the node's own writes.
 */
export class LogCleaner {
  readonly #log: Wal;
  readonly #slackRecords: number;
  readonly #parts: LogCleanerParts;
  #running: Promise<void> | undefined;
  #stopped = false;
  #damage: unknown;

  constructor(log: Wal, slackRecords: number, parts: LogCleanerParts) {
    this.#log = log;
    this.#slackRecords = slackRecords;
    this.#parts = parts;
  }

  /** Cleans if there is enough waste, and does not already. */
  run(): void {
    if (this.#running || this.#stopped || !this.#isDue) return;
    this.#running = this.#clean().then(
      () => (this.#running = undefined),
      (error: unknown) => this.#failed(error),
    );
  }

  /** @throws what was found wrong with the log. */
  requireSound(): void {
    if (this.#damage !== undefined) throw this.#damage;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  get #isDue(): boolean {
    const { firstIndex, lastIndex } = this.#log;
    return lastIndex - firstIndex + 1 > 2 * this.#parts.live() + this.#slackRecords;
  }

  async #clean(): Promise<void> {
    while (this.#isDue && !this.#stopped) await this.#step();
  }

  async #step(): Promise<void> {
    const log = this.#log;
    let end = log.firstIndex;
    const read: { readonly place: number; readonly record: Uint8Array }[] = [];
    for await (const { index, place, record } of log.read(end, { maxBytes: STEP_BYTES })) {
      read.push({ place, record });
      end = index + 1;
    }
    // Nothing may come between this look and the copies: what is written later must stand behind them.
    const live = read.filter(({ place, record }) => this.#parts.isLive(place, record));
    const places = await log.appendPlaced(live.map(({ record }) => record));
    for (const [at, { place, record }] of live.entries()) {
      this.#parts.moved(place, places[at]!, record);
    }
    await log.dropBefore(end);
  }

  /** A read that failed may go well the next time; a write that failed, every later one shows, too. */
  #failed(error: unknown): void {
    this.#running = undefined;
    const isDamage =
      (error instanceof WalError && error.code === "damaged") || error instanceof PaxosError;
    if (isDamage) this.#damage = error;
  }
}
