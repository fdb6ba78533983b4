import type { CheckpointLayer } from "../core/state/layer.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** A checkpoint to be kept: what it adds to the one that it builds on. */
export interface NewCheckpoint {
  readonly id: number;
  /** Id of the kept checkpoint whose layers come before; undefined: there are none. */
  readonly base: number | undefined;
  /** Oldest first. */
  readonly layers: readonly CheckpointLayer[];
  readonly transactions: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * Where checkpoints are kept, for one run at a time. Ids rise within a run and from one run to the
 * next, with gaps.
 */
export interface CheckpointStore {
  /**
   * The newest checkpoint, or undefined if none was ever kept. One that was not kept in full is passed
   * over if nothing was committed against it.
   *
   * @throws {StreamError} `damaged-checkpoint`
   */
  latest(): Promise<Checkpoint | undefined>;
  /** When it resolves, the checkpoint outlives a crash of the machine. */
  save(checkpoint: NewCheckpoint): Promise<SavedCheckpoint>;
  /** Sinks are about to commit the transactions of this one: nothing may go back behind it any more. */
  committing(id: number): Promise<void>;
}

export interface SavedCheckpoint {
  /** What it added, in bytes. */
  readonly bytes: number;
}
