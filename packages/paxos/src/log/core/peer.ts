import { type FlowLimits, Progress } from "@quorate/replication/driver";
import type { Life } from "./configuration.ts";

/** What a leader knows of another node: how far it is, and in which life. */
export class Peer {
  progress: Progress;
  /** Undefined until it has answered in this ballot. */
  life: Life | undefined;
  /** Up to where it knows what is decided, as far as it has told. */
  decided = 0;
  readonly #limits: FlowLimits;

  constructor(nextIndex: number, limits: FlowLimits) {
    this.#limits = limits;
    this.progress = new Progress(nextIndex, limits);
  }

  /** It answers. In another life than before it has nothing of what it had. */
  answers(life: Life): void {
    if (this.life && this.life.birth !== life.birth) {
      this.progress = new Progress(1, this.#limits);
      this.decided = 0;
    }
    this.life = life;
    this.progress.active = true;
  }

  /** Whether it has all up to a slot, as far as it has told. */
  isUpTo(slot: number): boolean {
    return this.decided >= slot || this.progress.matchIndex >= slot;
  }

  /** It tells what is decided at its place: what it lacks begins there. */
  tells(decided: number): void {
    this.decided = Math.max(this.decided, decided);
    const { progress } = this;
    const isUnknown = progress.state === "probe" && progress.matchIndex === 0;
    const isFurther = progress.nextIndex <= decided; // so it needs no snapshot, if it was to get one
    const isBehind = isUnknown && decided + 1 < progress.nextIndex;
    if (isFurther || isBehind) progress.probeFrom(decided + 1);
  }
}
