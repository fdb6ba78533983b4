import { TraceHash } from "./trace-hash.ts";

/** Something that happened, in the order in which it did. */
export interface TraceEvent {
  readonly sequence: number;
  readonly atMs: number;
  /** Where; the world itself when empty. */
  readonly node: string;
  readonly kind: string;
  /** The other node, a file's path, or words. */
  readonly detail: string;
  /** A length, a position, a checksum: what the kind makes of it. */
  readonly a: number;
  readonly b: number;
}

/** How many of its last events a node keeps to be looked at. */
const KEPT_EVENTS_A_NODE = 64;

/** Everything that happened, as a hash; the last events of each node, and counts by kind. */
export class Trace {
  readonly #now: () => number;
  readonly #hash = new TraceHash();
  readonly #recent = new Map<string, TraceEvent[]>();
  readonly #counts = new Map<string, number>();
  #sequence = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Equal for two runs in which the same happened, bit for bit. 16 hexadecimal digits. */
  get hash(): string {
    return this.#hash.digest();
  }

  get length(): number {
    return this.#sequence;
  }

  record(node: string, kind: string, detail: string, a: number = 0, b: number = 0): void {
    const event = { sequence: this.#sequence++, atMs: this.#now(), node, kind, detail, a, b };
    this.#hash.addNumber(event.atMs);
    this.#hash.addText(node);
    this.#hash.addText(kind);
    this.#hash.addText(detail);
    this.#hash.addNumber(a);
    this.#hash.addNumber(b);
    this.#keep(event);
  }

  /** Counts something that does not belong in the trace itself. */
  count(kind: string, by: number = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + by);
  }

  /** What was counted by name, sorted. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The last events of every node, in their order. */
  recent(): readonly TraceEvent[] {
    return [...this.#recent.values()].flat().toSorted((a, b) => a.sequence - b.sequence);
  }

  #keep(event: TraceEvent): void {
    const kept = this.#recent.get(event.node);
    if (!kept) this.#recent.set(event.node, [event]);
    else if (kept.push(event) >= 2 * KEPT_EVENTS_A_NODE) kept.splice(0, KEPT_EVENTS_A_NODE);
  }
}
