/** A split (partition, file) of a source as a subtask reads it. */
export interface Split {
  readonly name: string;
  position: unknown;
  watermarkMs: number;
  lastRecordAtMs: number;
  isIdle: boolean;
  isEnded: boolean;
  /** Had a batch since the start; before, its records are yet to come and it holds nothing back. */
  isKnown: boolean;
}

interface SplitState {
  readonly name: string;
  readonly position: unknown;
  readonly watermarkMs: number;
  /** Read by the subtask that says so; else handed on from the checkpoint before. */
  readonly isOwn: boolean;
}

/** What a checkpoint has of a source in one subtask. */
export interface SourceState {
  readonly watermarkMs: number;
  readonly splits: readonly SplitState[];
}

/**
 * The splits of a source in one subtask: positions, and the watermark, which is the least of those
 * that are neither idle nor at their end. A restored split that no batch came of yet is handed on by
 * subtask 0, so none is forgotten by a checkpoint that comes before its first batch.
 */
export class SourceSplits {
  /** Of the source: never goes back. */
  watermarkMs: number = -Infinity;
  readonly #known = new Map<string, Split>();
  readonly #restored = new Map<string, SplitState>();
  readonly #handsOn: boolean;
  readonly #startedAtMs: number;

  constructor(states: readonly SourceState[], subtask: number, nowMs: number) {
    this.#handsOn = subtask === 0;
    this.#startedAtMs = nowMs;
    if (states.length === 0) return;
    this.watermarkMs = Math.min(...states.map((state) => state.watermarkMs));
    for (const split of states.flatMap(({ splits }) => splits)) {
      if (split.isOwn || !this.#restored.has(split.name)) this.#restored.set(split.name, split);
    }
  }

  /** The split of that name, as the checkpoint has it if this is its first batch. */
  of(name: string): Split {
    const known = this.#known.get(name);
    if (known) return known;
    const { position, watermarkMs = -Infinity } = this.#restored.get(name) ?? {};
    const split: Split = {
      name,
      position,
      watermarkMs,
      lastRecordAtMs: this.#startedAtMs,
      isIdle: false,
      isEnded: false,
      isKnown: false,
    };
    this.#known.set(name, split);
    return split;
  }

  /** The least watermark of all other splits that count. */
  othersMs(but: Split): number {
    let leastMs = Infinity;
    if (this.#known.size === 1) return leastMs;
    for (const split of this.#known.values()) {
      if (split === but || split.isIdle || split.isEnded) continue;
      leastMs = Math.min(leastMs, split.watermarkMs);
    }
    return leastMs;
  }

  /** The least of all that count; if none does, the highest: so it would had it been the last to. */
  leastMs(): number {
    let highestMs = -Infinity;
    let leastMs = Infinity;
    for (const split of this.#known.values()) {
      highestMs = Math.max(highestMs, split.watermarkMs);
      if (!split.isIdle && !split.isEnded) leastMs = Math.min(leastMs, split.watermarkMs);
    }
    return leastMs === Infinity ? highestMs : leastMs;
  }

  /** Splits without a record since `sinceMs` go idle; whether any did, or none is known. */
  goIdle(sinceMs: number): boolean {
    let hasNew = this.#known.size === 0;
    for (const split of this.#known.values()) {
      if (split.isIdle || split.isEnded || split.lastRecordAtMs > sinceMs) continue;
      split.isIdle = true;
      hasNew = true;
    }
    return hasNew;
  }

  /** No split counts, and there was time enough for a first one. */
  isIdle(sinceMs: number): boolean {
    if (this.#known.size === 0) return this.#startedAtMs <= sinceMs;
    for (const split of this.#known.values()) if (!split.isIdle && !split.isEnded) return false;
    return true;
  }

  positions(): ReadonlyMap<string, unknown> {
    const positions = new Map<string, unknown>();
    for (const { name, position } of this.#restored.values()) positions.set(name, position);
    for (const { name, position } of this.#known.values()) positions.set(name, position);
    return positions;
  }

  ownPositions(): ReadonlyMap<string, unknown> {
    return new Map([...this.#known.values()].map(({ name, position }) => [name, position]));
  }

  state(): SourceState {
    const splits: SplitState[] = [];
    for (const { name, position, watermarkMs } of this.#known.values()) {
      splits.push({ name, position, watermarkMs, isOwn: true });
    }
    if (this.#handsOn) {
      for (const split of this.#restored.values()) {
        if (!this.#known.has(split.name)) splits.push({ ...split, isOwn: false });
      }
    }
    return { watermarkMs: this.watermarkMs, splits };
  }
}
