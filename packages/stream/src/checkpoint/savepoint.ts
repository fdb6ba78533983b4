import type { CheckpointLayer } from "../core/state/layer.ts";

/** All state of a pipeline at one moment: what another run, of another version, can begin from. */
export interface Savepoint {
  /** @throws {StreamError} `damaged-checkpoint` */
  read(): Promise<readonly CheckpointLayer[]>;
}
