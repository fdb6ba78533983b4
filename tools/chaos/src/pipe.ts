import type { Socket } from "node:net";
import { systemClock } from "@quorate/runtime";

/** Held back in one direction of a connection; then its sender is no longer read from. */
const MAX_HELD_BYTES = 1_024 * 1_024;

/** The last that one side of a connection sends, however it ended. */
const END = Symbol("end");

interface Held {
  readonly what: Buffer | typeof END;
  readonly arrivedMs: number;
}

/**
 * One direction of a connection: first in, first out. Its end waits in line as its bytes do: across
 * a partition nobody learns that the other side is gone.
 */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #lag: () => number | undefined;
  readonly #held: Held[] = [];
  #heldBytes = 0;

  /** `lag`: how long bytes wait, in milliseconds; undefined: until a flush after it has changed. */
  constructor(from: Socket, to: Socket, lag: () => number | undefined) {
    this.#from = from;
    this.#to = to;
    this.#lag = lag;
    from.on("data", (bytes: Buffer) => this.#hold(bytes));
    from.on("close", () => this.#hold(END));
    to.on("drain", () => this.flush());
  }

  /** Passes on what is due. */
  flush(): void {
    const lagMs = this.#lag();
    if (lagMs === undefined) return;
    const dueMs = systemClock.now() - lagMs;
    while (this.#held.length > 0 && this.#held[0]!.arrivedMs <= dueMs) {
      if (this.#to.writableNeedDrain) return; // its receiver does not read
      this.#pass(this.#held.shift()!.what);
    }
    const [first] = this.#held;
    if (first) systemClock.setTimer(Math.max(1, first.arrivedMs - dueMs), () => this.flush());
    if (this.#heldBytes < MAX_HELD_BYTES) this.#from.resume();
  }

  #pass(what: Held["what"]): void {
    if (what === END) {
      this.#to.destroySoon(); // after what was written to it
      return;
    }
    this.#heldBytes -= what.length;
    if (this.#to.writable) this.#to.write(what);
  }

  #hold(what: Held["what"]): void {
    this.#held.push({ what, arrivedMs: systemClock.now() });
    if (what !== END) this.#heldBytes += what.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#from.pause();
    // A timer waits for the first of several already.
    if (this.#held.length === 1) this.flush();
  }
}
