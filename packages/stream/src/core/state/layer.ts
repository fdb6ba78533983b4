/** Turns state into bytes at a barrier, so that what runs on cannot change what was kept. */
export interface StateCodec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/**
 * What one checkpoint adds to an operator's state: rows that changed since the checkpoint before, by
 * key group. A state is its layers, oldest first; a later row replaces an earlier one of its key.
 */
export interface OperatorLayer {
  /** Encoded rows (`rowsOfGroup`) by key group: the unit in which state moves to another subtask. */
  readonly groups: ReadonlyMap<number, Uint8Array>;
  /** What belongs to no key, whole in each layer: of each subtask that there was, in their order. */
  readonly own: readonly Uint8Array[];
}

/** Makes a layer piece by piece, for others to have their turn between two. */
export type LayerPieces = Generator<undefined, OperatorLayer>;

/** One checkpoint of a pipeline: a layer for each operator that has state, by operator id. */
export interface CheckpointLayer {
  readonly id: number;
  readonly operators: ReadonlyMap<string, OperatorLayer>;
}

export const NO_GROUPS: ReadonlyMap<number, Uint8Array> = new Map();
