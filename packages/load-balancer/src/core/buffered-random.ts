import type { Random } from "@quorate/runtime";

const LENGTH = 256;

/**
 * The same stream, drawn 256 numbers ahead: `next` is then small enough for V8 to inline everywhere,
 * and a number that is not handed over by a call need not be boxed (16 bytes a draw).
 */
export class BufferedRandom implements Random {
  readonly #random: Random;
  readonly #drawn = new Float64Array(LENGTH);
  #at: number = LENGTH;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): number {
    if (this.#at === LENGTH) this.#draw();
    return this.#drawn[this.#at++] as number;
  }

  fork(label: string): Random {
    return this.#random.fork(label);
  }

  #draw(): void {
    for (let at = 0; at < LENGTH; at++) this.#drawn[at] = this.#random.next();
    this.#at = 0;
  }
}
