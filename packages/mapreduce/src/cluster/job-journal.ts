/**
 * What a master knows of its job, kept where its successor finds it: records, in order.
 *
 * A journal that is opened again belongs to whoever opened it last. What the earlier one appends
 * afterwards must be refused where the journal is able to know (see the implementations).
 */
export interface JobJournal {
  /** Takes the journal over. To be called once, before all else. */
  open(): Promise<OpenedJournal>;
  /**
   * Resolves, in the order of the calls, when the record is there for good. Once it has rejected it
   * always does: its owner must stop, and must not act on what it could not write.
   */
  append(record: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface OpenedJournal {
  /** From 1, and higher with each time the journal is opened. */
  readonly epoch: number;
  /** What was appended before. */
  readonly records: readonly Uint8Array[];
}
