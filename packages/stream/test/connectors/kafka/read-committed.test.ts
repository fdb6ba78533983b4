import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AbortedTransaction,
  committedBatches,
  type LogBatch,
} from "../../../src/connectors/kafka/read-committed.ts";

interface NamedBatch extends LogBatch {
  /** How its transaction ends; undefined: it has none. */
  readonly end: "commit" | "abort" | undefined;
  readonly isMarker: boolean;
}

const PRODUCERS = [1n, 2n, 3n];
const step = fc.record({
  producer: fc.constantFrom(...PRODUCERS),
  does: fc.constantFrom("write", "write", "write plainly", "commit", "abort"),
});

/** A log as a broker has it, with the transactions that it would list as aborted. */
function logOf(steps: readonly { readonly producer: bigint; readonly does: string }[]): {
  readonly batches: NamedBatch[];
  readonly aborted: AbortedTransaction[];
} {
  const batches: { -readonly [name in keyof NamedBatch]: NamedBatch[name] }[] = [];
  const aborted: AbortedTransaction[] = [];
  // At the end all transactions are aborted: none is open below the last stable offset.
  const closing = PRODUCERS.map((producer) => ({ producer, does: "abort" }));
  for (const { producer: producerId, does } of [...steps, ...closing]) {
    const batch = { firstOffset: BigInt(batches.length), lastOffsetDelta: 0, producerId };
    if (does === "write plainly") {
      batches.push({ ...batch, attributes: 0, records: [], end: undefined, isMarker: false });
    } else if (does === "write") {
      batches.push({ ...batch, attributes: 0x10, records: [], end: undefined, isMarker: false });
    } else {
      const open = batches.filter((one) => isOpen(one, producerId));
      const end = does as "commit" | "abort";
      if (end === "abort" && open[0])
        aborted.push({ producerId, firstOffset: open[0].firstOffset });
      for (const one of open) one.end = end;
      const key = Buffer.from([0, 0, 0, end === "abort" ? 0 : 1]);
      batches.push({ ...batch, attributes: 0x30, records: [{ key }], end, isMarker: true });
    }
  }
  return { batches, aborted };
}

function isOpen(batch: NamedBatch, producerId: bigint): boolean {
  const isTransactional = batch.attributes === 0x10;
  return isTransactional && batch.producerId === producerId && batch.end === undefined;
}

describe("committedBatches", () => {
  it("yields what was committed and what had no transaction, whatever part of the log is read", () => {
    fc.assert(
      fc.property(
        ...[fc.array(step, { maxLength: 40 }), fc.nat(40), fc.nat(40)],
        (steps, start, length) => {
          const { batches, aborted } = logOf(steps);
          const read = batches.slice(start, start + length);
          const [from = 0n, to = -1n] = [read[0]?.firstOffset, read.at(-1)?.firstOffset];
          // A broker lists those that overlap with what it sends, in the order of their ends.
          const listed = aborted.filter(
            ({ producerId, firstOffset }) =>
              firstOffset <= to && endOf(producerId, firstOffset) >= from,
          );
          function endOf(producerId: bigint, after: bigint): bigint {
            return batches.find(
              (one) => one.isMarker && one.producerId === producerId && one.firstOffset > after,
            )!.firstOffset;
          }
          const expected = read.filter(({ end, isMarker }) => !isMarker && end !== "abort");
          expect([...committedBatches(read, listed)]).toEqual(expected);
        },
      ),
    );
  });
});
