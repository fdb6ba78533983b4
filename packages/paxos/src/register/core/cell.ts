/**
 * Which write made a value: the writer's incarnation, and how many writes it had tried before. No two
 * writes have the same, on no node and in no life of one.
 */
export interface Mark {
  readonly incarnation: number;
  /** Counts from 1. */
  readonly sequence: number;
}

/** What acceptors accept for a key: its value, and how it came about. */
export interface Cell {
  /** Undefined when it was deleted, until the key is forgotten altogether. */
  readonly value: Uint8Array | undefined;
  /**
   * The writers of this value and of those that it followed from, each with its last write, the latest
   * first: up to `MAX_MARKS`. By it a writer finds out whether what it proposed was chosen.
   */
  readonly marks: readonly Mark[];
  /** The key may have been forgotten before, and marks with it, in ballots of up to this round. */
  readonly forgotten: number;
}

/** Writers that a cell remembers. As many nodes can write to a key at once without ever `lost-track`. */
export const MAX_MARKS = 8;

/**
 * The cell that a write makes of the one before.
 *
 * @param forgotten Where `before` is undefined, the highest round that any acceptor has forgotten.
 */
export function written(
  before: Cell | undefined,
  value: Uint8Array | undefined,
  mark: Mark,
  forgotten: number,
): Cell {
  const marks = [mark];
  for (const each of before?.marks ?? []) {
    if (each.incarnation !== mark.incarnation && marks.length < MAX_MARKS) marks.push(each);
  }
  return { value, marks, forgotten: before?.forgotten ?? forgotten };
}

/** Of a key that was never written, or forgotten: to be put everywhere before it is forgotten. */
export function emptied(forgotten: number): Cell {
  return { value: undefined, marks: [], forgotten };
}
