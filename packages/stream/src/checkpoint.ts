import type { CheckpointLayer } from "./core/state/layer.ts";

/** What a checkpoint is once it is kept: from it a job goes on after a crash. */
export interface Checkpoint {
  readonly id: number;
  /** Of this and the checkpoints before, oldest first. */
  readonly layers: readonly CheckpointLayer[];
  /** The transaction that each sink had prepared, by id. */
  readonly transactions: ReadonlyMap<string, unknown>;
}
