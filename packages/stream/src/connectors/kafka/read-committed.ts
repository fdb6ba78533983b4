/** What is needed of a batch of a partition's log to tell whether its records count. */
export interface LogBatch {
  readonly attributes: number;
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly producerId: bigint;
  readonly records: readonly { readonly key: Buffer | null }[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

const TRANSACTIONAL = 0b01_0000;
const CONTROL = 0b10_0000;
/** The second 16 bits of a control record's key: 0 is an abort, 1 a commit. */
const ABORT = 0;

/**
 * The batches of one answer whose records were committed, in their order. As the consumer of Apache
 * Kafka does it (KIP-98): a transaction of the list begins to be skipped at its first offset and ends
 * at its producer's next abort marker, so several of one producer and those that end beyond the
 * answer are told apart.
 */
export function* committedBatches<B extends LogBatch>(
  batches: readonly B[],
  aborted: readonly AbortedTransaction[],
): Generator<B> {
  const starts = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const skipped = new Set<bigint>();
  let started = 0;
  for (const batch of batches) {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    for (; (starts[started]?.firstOffset ?? lastOffset + 1n) <= lastOffset; started++) {
      skipped.add((starts[started] as AbortedTransaction).producerId);
    }
    if (batch.attributes & CONTROL) {
      if (batch.records[0]?.key?.readInt16BE(2) === ABORT) skipped.delete(batch.producerId);
    } else if (!(batch.attributes & TRANSACTIONAL && skipped.has(batch.producerId))) {
      yield batch;
    }
  }
}
