import type { CheckpointLayer } from "../core/state/layer.ts";

/** What a checkpoint is once it is kept: from it a job goes on after a crash. */
export interface Checkpoint {
  readonly id: number;
  /** Of this and the checkpoints before, oldest first. */
  readonly layers: readonly CheckpointLayer[];
  /** The transactions that the writers of each sink had prepared, by the sink's id. */
  readonly transactions: ReadonlyMap<string, readonly unknown[]>;
}
