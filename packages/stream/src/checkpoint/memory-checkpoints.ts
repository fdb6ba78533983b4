import type { Checkpoint } from "./checkpoint.ts";
import type { CheckpointStore, NewCheckpoint, SavedCheckpoint } from "./checkpoint-store.ts";
import { bytesOfLayers } from "./layer-bytes.ts";

/** Keeps the newest checkpoint in memory: it outlives a failure of the job, not of the process. */
export function memoryCheckpoints(): CheckpointStore {
  return new MemoryCheckpoints();
}

class MemoryCheckpoints implements CheckpointStore {
  #latest: Checkpoint | undefined;

  async latest(): Promise<Checkpoint | undefined> {
    return this.#latest;
  }

  async save({ id, base, layers, transactions }: NewCheckpoint): Promise<SavedCheckpoint> {
    const before = base === undefined ? [] : (this.#latest?.layers ?? []);
    this.#latest = { id, layers: [...before, ...layers], transactions };
    return { bytes: bytesOfLayers(layers) };
  }

  async committing(): Promise<void> {}
}
