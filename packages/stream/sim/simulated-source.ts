import { type Clock, integerBetween, pause, type Random } from "@quorate/runtime";
import type { Batch, Source, SourceContext, SourceReader } from "../src/connector.ts";
import type { SimulatedEvent, SimulatedSplit } from "./simulated-events.ts";

/** The machine as it is in this life, and what of the world it meets. */
export interface SourceWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** Of a batch, on average. */
  readonly delayMs: number;
  readonly mostRecords: number;
  /** Whether reading fails now. */
  readonly fails: () => boolean;
  readonly fail: (error: Error) => void;
}

/**
 * Splits that outlive the process. Knows how far readers were told that checkpoints are kept: none may
 * ever begin before.
 */
export class SimulatedSource {
  readonly #splits: readonly SimulatedSplit[];
  readonly #told = new Map<string, number>();

  constructor(splits: readonly SimulatedSplit[]) {
    this.#splits = splits;
  }

  in(world: SourceWorld): Source<SimulatedEvent> {
    return { open: (context) => this.#open(context, world) };
  }

  #open(context: SourceContext, world: SourceWorld): SourceReader<SimulatedEvent> {
    for (const [split, told] of this.#told) {
      const position = (context.positions.get(split) as number | undefined) ?? 0;
      if (position >= told) continue;
      world.fail(new Error(`split ${split} is read from ${position}; ${told} was kept`));
    }
    const { subtask, subtasks, positions } = context;
    const mine = this.#splits
      .filter((_, at) => at % subtasks === subtask)
      .map(({ name, events }) => {
        return { name, events, at: (positions.get(name) as number | undefined) ?? 0 };
      });
    return {
      [Symbol.asyncIterator]: () => read(mine, context, world),
      checkpointed: async (kept) => {
        await pause(world.clock, world.delayMs * world.random.next(), []);
        for (const [split, position] of kept) {
          const before = this.#told.get(split) ?? 0;
          this.#told.set(split, Math.max(before, (position as number | undefined) ?? 0));
        }
      },
    };
  }
}

interface OpenSplit {
  readonly name: string;
  readonly events: readonly SimulatedEvent[];
  at: number;
}

async function* read(
  splits: readonly OpenSplit[],
  { signal }: SourceContext,
  world: SourceWorld,
): AsyncGenerator<Batch<SimulatedEvent>> {
  const { clock, random, delayMs, mostRecords } = world;
  const isLast = ({ at, events }: OpenSplit): boolean => at >= events.length;
  for (const split of splits) {
    yield { records: [], split: split.name, position: split.at, isLast: isLast(split) };
  }
  for (;;) {
    const open = splits.filter((split) => !isLast(split));
    const split = open[integerBetween(random, 0, open.length - 1)];
    if (!split || signal.aborted) return;
    // Now and then long enough for a split to go idle.
    const factor = random.next() < 0.05 ? 20 : 2;
    if (random.next() < 0.7) await pause(clock, delayMs * factor * random.next(), [signal]);
    if (world.fails()) throw new Error(`split ${split.name} cannot be read`);
    const records = split.events.slice(split.at, split.at + integerBetween(random, 0, mostRecords));
    split.at += records.length;
    yield { records, split: split.name, position: split.at, isLast: isLast(split) };
  }
}
