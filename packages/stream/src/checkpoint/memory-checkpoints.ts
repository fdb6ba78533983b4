import type { StateCodec } from "../core/state/layer.ts";
import { v8Codec } from "../v8-codec.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { CheckpointStore, NewCheckpoint, SavedCheckpoint } from "./checkpoint-store.ts";
import { bytesOfLayers } from "./layer-bytes.ts";
import { mergeInTurns } from "./merge-in-turns.ts";
import { MAX_LAYERS, mergeFrom } from "./merge-rule.ts";

/**
 * Keeps the newest checkpoint in memory: it outlives a failure of the job, not of the process.
 *
 * @param codec The run's, if it has one of its own; by default V8's structured clone.
 */
export function memoryCheckpoints(codec: StateCodec = v8Codec): CheckpointStore {
  return new MemoryCheckpoints(codec);
}

class MemoryCheckpoints implements CheckpointStore {
  readonly #codec: StateCodec;
  #latest: Checkpoint | undefined;

  constructor(codec: StateCodec) {
    this.#codec = codec;
  }

  async latest(): Promise<Checkpoint | undefined> {
    return this.#latest;
  }

  async save({ id, base, layers: added, transactions }: NewCheckpoint): Promise<SavedCheckpoint> {
    let layers = base === undefined ? [...added] : [...(this.#latest?.layers ?? []), ...added];
    const sizes = layers.map((layer) => bytesOfLayers([layer]));
    const from = mergeFrom(sizes, MAX_LAYERS);
    if (from !== undefined) {
      const merged = await mergeInTurns(layers.slice(from), from === 0, this.#codec);
      layers = [...layers.slice(0, from), merged];
    }
    this.#latest = { id, layers, transactions };
    return { bytes: bytesOfLayers(added) };
  }

  async committing(): Promise<void> {}
}
