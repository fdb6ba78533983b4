import type { File } from "@quorate/runtime";
import { readBatch } from "./batch-reader.ts";
import { Chain } from "./chain.ts";
import { FileWindow } from "./file-window.ts";
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment-header.ts";
import { segmentName } from "./segment-name.ts";
import { inspectTail } from "./torn-tail.ts";
import { damaged } from "./wal-error.ts";

/** Follows the chain through the segments of a log, oldest first, and changes nothing. */
export class SegmentScan {
  #chain: Chain | undefined;
  #segment = 0;
  #seed = 0;
  #position = 0;
  #lastBatchAt = 0;
  #badAt = 0;
  #checkedBytes = 0;

  /** The end of the chain. Not before the first segment was read. */
  get chain(): Chain {
    if (!this.#chain) throw new Error("no segment was read");
    return this.#chain;
  }

  /** The seed of the segment that was read last. */
  get seed(): number {
    return this.#seed;
  }

  /** Where the chain ends in the segment that was read last. */
  get position(): number {
    return this.#position;
  }

  /** Where the last batch in that segment begins; `position` when there is none. */
  get lastBatchAt(): number {
    return this.#lastBatchAt;
  }

  get checkedBytes(): number {
    return this.#checkedBytes;
  }

  /**
   * Reads segment `number`, as far as its batches continue the chain. Throws `damaged`: it does not
   * begin where the segment before it ended.
   */
  async read(file: File, number: number): Promise<void> {
    const window = new FileWindow(file, await file.size(), { reuse: true });
    const name = segmentName(number);
    const header = decodeSegmentHeader(await window.at(0, SEGMENT_HEADER_BYTES), name, number);
    if (this.#chain && !this.#chain.continuesIn(header)) {
      const at = { segment: segmentName(this.#segment), offset: this.#badAt };
      throw damaged(at, `what was here is wrong or missing, and ${name} comes after it`);
    }
    this.#chain ??= new Chain(header);
    this.#segment = number;
    this.#seed = header.seed;
    this.#position = SEGMENT_HEADER_BYTES;
    this.#lastBatchAt = SEGMENT_HEADER_BYTES;
    this.#badAt = await this.#follow(window, this.#chain);
    this.#checkedBytes += this.#position;
  }

  /**
   * The bytes of a torn write at the end of the last segment. Throws `damaged`: a later batch shows
   * that what is wrong there was durable once.
   */
  async tornBytes(file: File): Promise<number> {
    const { usedBytes, laterBatchAt } = await inspectTail(
      file,
      this.#position,
      this.chain.batchNumber + 1,
      this.#seed,
    );
    if (laterBatchAt === undefined) return usedBytes;
    const at = { segment: segmentName(this.#segment), offset: this.#badAt };
    throw damaged(
      at,
      `what was here is wrong, and a whole batch at ${laterBatchAt} comes after it`,
    );
  }

  /** Resolves to the offset of the first header or record that is not in the chain. */
  async #follow(window: FileWindow, chain: Chain): Promise<number> {
    for (;;) {
      const expected = { number: chain.batchNumber + 1, previousCrc: chain.previousCrc };
      const batch = await readBatch(window, this.#position, this.#seed, expected);
      if ("badAt" in batch) return batch.badAt;
      chain.add(this.#segment, this.#position, batch.header);
      this.#lastBatchAt = this.#position;
      this.#position = batch.end;
    }
  }
}
