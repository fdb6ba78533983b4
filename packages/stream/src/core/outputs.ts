import type { Channel } from "./channel.ts";
import { fanOut } from "./fan-out.ts";
import { Leaf } from "./leaf.ts";

/** Who reads one output of an operator. */
export interface Reader {
  /** Which side output; undefined: the main one. */
  readonly tag: string | undefined;
  readonly channel: Channel<unknown>;
}

/** The outputs of one operator. */
export class Outputs {
  readonly main: Channel<unknown>;
  readonly #sides = new Map<string, Channel<unknown>>();
  readonly #nobody: Channel<unknown> = fanOut<unknown>([]);

  constructor(readers: readonly Reader[], onBarrier: () => void) {
    const main = readers.filter(({ tag }) => tag === undefined);
    const sides = readers.filter(({ tag }) => tag !== undefined);
    const channels = (of: readonly Reader[]): Channel<unknown>[] => of.map((one) => one.channel);
    this.main =
      readers.length === 0 ? new Leaf(onBarrier) : fanOut(channels(main), channels(sides));
    for (const { tag } of sides) {
      const same = sides.filter((one) => one.tag === tag);
      this.#sides.set(tag as string, fanOut(channels(same)));
    }
  }

  side(tag: string): Channel<unknown> {
    return this.#sides.get(tag) ?? this.#nobody;
  }
}
