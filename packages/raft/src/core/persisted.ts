import type { Entry, LogPosition } from "@quorate/replication/driver";

/** Figure 2, "persistent state on all servers", besides the log. */
export interface HardState {
  readonly term: number;
  readonly votedFor: string | undefined;
}

declare const proof: unique symbol;

/**
 * The proof that a write, and all writes before it, survive a crash. Only a `Write` gives one. A
 * message that promises something was persisted can be sent only with it, so that "persist before you
 * answer" is checked by the compiler.
 */
export interface Persisted {
  readonly [proof]: true;
  readonly sequence: number;
}

/** What a core wants on disk. Writes take effect in the order of their `sequence`, each wholly. */
export class Write {
  /** Counts from 1. */
  readonly sequence: number;
  /** The term and vote to keep, when they changed. To be durable no later than the entries. */
  readonly hardState: HardState | undefined;
  /** Where `entries` begins: all that the log holds from here on is dropped first. */
  readonly firstIndex: number;
  readonly entries: readonly Entry[];
  /** Replaces the whole log: it is empty after this place, before `entries` are appended. */
  readonly resetTo: LogPosition | undefined;

  constructor(fields: Omit<Write, "persisted">) {
    this.sequence = fields.sequence;
    this.hardState = fields.hardState;
    this.firstIndex = fields.firstIndex;
    this.entries = fields.entries;
    this.resetTo = fields.resetTo;
  }

  /**
   * The proof. **To be called by a storage only after fdatasync has resolved** for this write and
   * all those before it.
   */
  persisted(): Persisted {
    return { sequence: this.sequence } as Persisted;
  }

  /** The proof for what a storage found on disk when it opened. */
  static recovered(): Persisted {
    return { sequence: 0 } as Persisted;
  }
}
