import { type Clock, pause, type Random } from "@quorate/runtime";
import type { Checkpoint } from "../src/checkpoint/checkpoint.ts";
import type {
  CheckpointStore,
  NewCheckpoint,
  SavedCheckpoint,
} from "../src/checkpoint/checkpoint-store.ts";
import type { Cover } from "./stream-coverage.ts";

export interface StoreWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** Of one call, at most. */
  readonly delayMs: number;
  /** Whether a call fails now: before it had its effect, or after. */
  readonly fails: () => "before" | "after" | undefined;
  readonly cover: Cover;
  readonly fail: (error: Error) => void;
}

/** A store elsewhere, that outlives the process: what it was told fails may be kept all the same. */
export class ModelledCheckpoints {
  readonly #kept: Checkpoint[] = [];

  get latest(): Checkpoint | undefined {
    return this.#kept.at(-1);
  }

  in(world: StoreWorld): CheckpointStore {
    return {
      latest: async () => {
        await this.#call(world, () => {});
        return this.latest;
      },
      save: (checkpoint) => this.#save(checkpoint, world),
      committing: () => this.#call(world, () => {}),
    };
  }

  async #save(
    { id, base, layers, transactions }: NewCheckpoint,
    world: StoreWorld,
  ): Promise<SavedCheckpoint> {
    const before = base === undefined ? undefined : this.#kept.find((one) => one.id === base);
    const checkpoint = { id, layers: [...(before?.layers ?? []), ...layers], transactions };
    if (base !== undefined && !before) world.fail(new Error(`${base} was never kept`));
    if (id <= (this.latest?.id ?? 0)) world.fail(new Error(`${id} is kept a second time`));
    await this.#call(world, () => void this.#kept.push(checkpoint));
    world.cover("checkpoints");
    return { bytes: 0 };
  }

  async #call({ clock, random, delayMs, fails }: StoreWorld, effect: () => void): Promise<void> {
    const failure = fails();
    await pause(clock, delayMs * random.next(), []);
    if (failure === "before") throw new Error("the store failed");
    effect();
    await pause(clock, delayMs * random.next(), []);
    if (failure === "after") throw new Error("the store failed, and had kept it");
  }
}
