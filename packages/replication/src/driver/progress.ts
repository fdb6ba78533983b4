interface InFlight {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** How much may be on its way to a follower. */
export interface FlowLimits {
  /** Append messages that may be unanswered. */
  readonly maxInflightMessages: number;
  /** Bytes of entries that may be unanswered. */
  readonly maxInflightBytes: number;
}

/**
 * What a leader knows of a follower (figure 2, nextIndex and matchIndex), and how fast it may send:
 *
 * - `probe`: where the logs agree is not known; one append at a time.
 * - `replicate`: the logs agree; appends are pipelined up to the limits.
 * - `snapshot`: the entries it needs are gone; nothing is sent until the snapshot has come or failed.
 */
export class Progress {
  matchIndex = 0;
  nextIndex: number;
  state: "probe" | "replicate" | "snapshot" = "probe";
  /** Whether it was heard from since the last check of the quorum. */
  active = true;
  /** The last read round that it has answered. */
  readRound = 0;
  /** In `snapshot`: the last index of what is being sent. */
  snapshotIndex = 0;
  #probing = false;
  #matchAtHeartbeat = 0;
  #inflight: InFlight[] = [];
  #inflightBytes = 0;
  readonly #limits: FlowLimits;

  constructor(nextIndex: number, limits: FlowLimits) {
    this.nextIndex = nextIndex;
    this.#limits = limits;
  }

  get canSend(): boolean {
    switch (this.state) {
      case "probe":
        return !this.#probing;
      case "replicate":
        return !this.#full;
      case "snapshot":
        return false;
    }
  }

  get #full(): boolean {
    const { maxInflightMessages, maxInflightBytes } = this.#limits;
    return this.#inflight.length >= maxInflightMessages || this.#inflightBytes >= maxInflightBytes;
  }

  /** An append that ends at `lastIndex` was sent. */
  sent(lastIndex: number, bytes: number): void {
    if (this.state === "probe") {
      this.#probing = true;
      return;
    }
    this.nextIndex = lastIndex + 1;
    if (bytes === 0) return;
    this.#inflight.push({ lastIndex, bytes });
    this.#inflightBytes += bytes;
  }

  /** The follower has all up to `index`. False when that was known, as from a late answer. */
  accepted(index: number): boolean {
    this.#probing = false;
    this.#release(index);
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    const grew = index > this.matchIndex;
    if (grew) this.matchIndex = index;
    if (this.state === "probe" && grew) this.#enter("replicate");
    if (this.state === "snapshot" && index >= this.snapshotIndex) this.#enter("replicate");
    return grew;
  }

  /**
   * The follower lacks the entry at `previousIndex`; `possibleMatch` is where the logs may agree.
   * False when the answer is of an older question.
   */
  rejected(previousIndex: number, possibleMatch: number): boolean {
    if (this.state === "snapshot") return false;
    if (this.state === "replicate") {
      if (previousIndex <= this.matchIndex) return false;
      this.probeFrom(this.matchIndex + 1);
      return true;
    }
    if (previousIndex !== this.nextIndex - 1) return false;
    this.probeFrom(Math.min(previousIndex, possibleMatch + 1));
    return true;
  }

  probeFrom(nextIndex: number): void {
    this.#enter("probe");
    this.nextIndex = Math.max(nextIndex, this.matchIndex + 1);
  }

  needSnapshot(lastIndex: number): void {
    this.#enter("snapshot");
    this.snapshotIndex = lastIndex;
  }

  /** The snapshot has arrived, or failed; the next heartbeat lets it go on from there. */
  snapshotEnded(index: number, arrived: boolean): void {
    this.probeFrom(arrived ? index + 1 : this.matchIndex + 1);
    this.#probing = true;
  }

  /**
   * Asked at each heartbeat: whether appends or their answers seem lost, since nothing was accepted
   * for a whole interval. An unanswered probe may then be sent again.
   */
  seemsLost(): boolean {
    const stands = this.matchIndex === this.#matchAtHeartbeat;
    this.#matchAtHeartbeat = this.matchIndex;
    if (stands) this.#probing = false;
    return stands && this.state === "replicate" && this.matchIndex < this.nextIndex - 1;
  }

  #release(upTo: number): void {
    let released = 0;
    while (released < this.#inflight.length && this.#inflight[released]!.lastIndex <= upTo) {
      this.#inflightBytes -= this.#inflight[released]!.bytes;
      released++;
    }
    if (released > 0) this.#inflight.splice(0, released);
  }

  #enter(state: "probe" | "replicate" | "snapshot"): void {
    this.state = state;
    this.#probing = false;
    this.#inflight = [];
    this.#inflightBytes = 0;
    if (state === "replicate") this.nextIndex = this.matchIndex + 1;
  }
}
