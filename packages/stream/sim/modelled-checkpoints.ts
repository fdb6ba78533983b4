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

  /** Another store in its place, of which this one says what it must have. */
  watching(store: CheckpointStore, { cover, fail }: StoreWorld): CheckpointStore {
    return {
      latest: async () => {
        const found = await store.latest();
        const sure = this.latest;
        if ((found?.id ?? 0) < (sure?.id ?? 0)) {
          fail(new Error(`the store has ${found?.id}, and had kept ${sure?.id}`));
        }
        // What failed may be kept all the same.
        if (found && found.id !== sure?.id) this.#kept.push(found);
        return found;
      },
      save: async (checkpoint) => {
        try {
          const saved = await store.save(checkpoint);
          this.#kept.push(this.#whole(checkpoint));
          kept(checkpoint, cover);
          return saved;
        } catch (error) {
          cover("checkpoints that could not be stored");
          throw error;
        }
      },
      committing: (id) => store.committing(id),
    };
  }

  #whole({ id, base, layers, transactions }: NewCheckpoint): Checkpoint {
    const before = base === undefined ? undefined : this.#kept.find((one) => one.id === base);
    if (base !== undefined && !before) throw new Error(`${base} was never kept`);
    return { id, layers: [...(before?.layers ?? []), ...layers], transactions };
  }

  async #save(checkpoint: NewCheckpoint, world: StoreWorld): Promise<SavedCheckpoint> {
    const whole = this.#whole(checkpoint);
    if (whole.id <= (this.latest?.id ?? 0)) world.fail(new Error(`${whole.id} is kept twice`));
    await this.#call(world, () => void this.#kept.push(whole));
    kept(checkpoint, world.cover);
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

function kept({ base, layers }: NewCheckpoint, cover: Cover): void {
  cover("checkpoints");
  if (base === undefined || layers.length === 1) return;
  cover("checkpoints that made up for one that was not stored");
}
