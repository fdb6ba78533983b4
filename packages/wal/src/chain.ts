import type { BatchHeader } from "./batch-header.ts";
import { LogLayout } from "./log-layout.ts";
import type { SegmentHeader } from "./segment-header.ts";

/** The end of the log as far as it is known: what the next batch, or segment, must continue. */
export class Chain {
  readonly layout: LogLayout;
  #batchNumber: number;
  #previousCrc: number;
  #sealed = true;

  constructor(
    header: Pick<SegmentHeader, "keptFrom" | "nextIndex" | "batchNumber" | "previousCrc">,
  ) {
    this.layout = new LogLayout(header.keptFrom, header.nextIndex);
    this.#batchNumber = header.batchNumber;
    this.#previousCrc = header.previousCrc;
  }

  /** The number of the last batch; 0 before the first. */
  get batchNumber(): number {
    return this.#batchNumber;
  }

  /** The CRC of the last batch; 0 before the first. */
  get previousCrc(): number {
    return this.#previousCrc;
  }

  /** Whether nothing is lost with the last batch, because it says nothing new. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** A batch follows, at `offset` of `segment`. */
  add(segment: number, offset: number, header: Omit<BatchHeader, "previousCrc" | "bodyCrc">): void {
    const { firstIndex, lastIndex } = this.layout;
    this.#sealed =
      header.recordCount === 0 &&
      header.firstIndex === lastIndex + 1 &&
      header.keptFrom === firstIndex;
    this.layout.add(segment, offset, header);
    this.#batchNumber = header.number;
    this.#previousCrc = header.crc;
  }

  /** The header of a segment that begins here. */
  segmentHeader(number: number, seed: number): SegmentHeader {
    return {
      seed,
      number,
      previousCrc: this.#previousCrc,
      batchNumber: this.#batchNumber,
      keptFrom: this.layout.firstIndex,
      nextIndex: this.layout.lastIndex + 1,
    };
  }

  /** A segment that begins here proves that all before it was durable. */
  continuesIn(header: SegmentHeader): boolean {
    const { previousCrc, batchNumber, keptFrom, nextIndex } = this.segmentHeader(0, 0);
    const continues =
      header.previousCrc === previousCrc &&
      header.batchNumber === batchNumber &&
      header.keptFrom === keptFrom &&
      header.nextIndex === nextIndex;
    if (continues) this.#sealed = true;
    return continues;
  }
}
