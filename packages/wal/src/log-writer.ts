import { join } from "node:path";
import { type File, type FileSystem, integerBetween, type Random } from "@quorate/runtime";
import { Batch } from "./batch.ts";
import { BATCH_HEADER_BYTES } from "./batch-header.ts";
import { Chain } from "./chain.ts";
import type { LogLayout } from "./log-layout.ts";
import type { RecoveredLog } from "./recovery.ts";
import { placeOf } from "./place.ts";
import { createSegment } from "./segment-file.ts";
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts";
import { segmentName } from "./segment-name.ts";

const LARGEST_SEED = 2 ** 32 - 1;

/** What a writer writes to, and how. */
export interface Place {
  readonly fileSystem: FileSystem;
  readonly random: Random;
  readonly directory: string;
  readonly segmentBytes: number;
}

/** Puts batches at the end of the log, one after the other: no call before the last one settled. */
export class LogWriter {
  readonly #place: Place;
  readonly #chain: Chain;
  readonly #segments: number[];
  #file: File;
  #seed: number;
  #position: number;

  private constructor(
    place: Place,
    chain: Chain,
    segments: readonly number[],
    end: { readonly file: File; readonly seed: number; readonly position: number },
  ) {
    this.#place = place;
    this.#chain = chain;
    this.#segments = [...segments];
    this.#file = end.file;
    this.#seed = end.seed;
    this.#position = end.position;
  }

  /** Begins a log whose first record will have the index `firstIndex`. */
  static async create(place: Place, firstIndex: number): Promise<LogWriter> {
    const start = { keptFrom: firstIndex, nextIndex: firstIndex, batchNumber: 0, previousCrc: 0 };
    const chain = new Chain(start);
    const header = chain.segmentHeader(1, newSeed(place.random));
    const file = await createSegment(place.fileSystem, place.directory, header, place.segmentBytes);
    const end = { file, seed: header.seed, position: SEGMENT_HEADER_BYTES };
    return new LogWriter(place, chain, [header.number], end);
  }

  /** Goes on with a log that was recovered. */
  static async resume(place: Place, { scan, segments, file }: RecoveredLog): Promise<LogWriter> {
    const writer = new LogWriter(place, scan.chain, segments, {
      file,
      seed: scan.seed,
      position: scan.position,
    });
    try {
      if ((await file.size()) < place.segmentBytes) {
        await file.truncate(place.segmentBytes);
        await file.sync();
      }
      await writer.seal();
    } catch (error) {
      await writer.close();
      throw error;
    }
    return writer;
  }

  get layout(): LogLayout {
    return this.#chain.layout;
  }

  /** Makes a batch durable; begins the next segment first when this one has no room for it. */
  async write(batch: Batch): Promise<void> {
    const full = this.#position + batch.length > this.#place.segmentBytes;
    if (full && this.#position > SEGMENT_HEADER_BYTES) await this.#beginSegment();
    const number = this.#chain.batchNumber + 1;
    const link = { seed: this.#seed, number, previousCrc: this.#chain.previousCrc };
    const { bytes, crc } = batch.seal(link);
    await this.#file.writeDurably(bytes, this.#position);
    batch.place = placeOf(this.#segments.at(-1)!, this.#position);
    this.#chain.add(this.#segments.at(-1)!, this.#position, {
      crc,
      number,
      recordCount: batch.recordCount,
      bodyBytes: bytes.length - BATCH_HEADER_BYTES,
      keptFrom: batch.keptFrom,
      firstIndex: batch.firstIndex,
    });
    this.#position += bytes.length;
  }

  /**
   * Adds an empty batch, unless there is one: it proves that the batch before was durable, so that
   * damage to that one is told from a torn write.
   */
  async seal(): Promise<void> {
    if (this.#chain.sealed) return;
    const { firstIndex, lastIndex } = this.#chain.layout;
    await this.write(new Batch(lastIndex + 1, firstIndex, new Uint8Array(BATCH_HEADER_BYTES)));
  }

  /** Removes the segments without a living record. Not needed for anything but space. */
  async removeDropped(): Promise<void> {
    const current = this.#segments.at(-1)!;
    const oldest = this.#chain.layout.oldestSegment ?? current;
    const { fileSystem, directory } = this.#place;
    const dropped = this.#segments.filter((number) => number < oldest);
    if (dropped.length === 0) return;
    this.#segments.splice(0, dropped.length);
    for (const number of dropped) await fileSystem.remove(join(directory, segmentName(number)));
    await fileSystem.syncDirectory(directory);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #beginSegment(): Promise<void> {
    const { fileSystem, directory, segmentBytes, random } = this.#place;
    const header = this.#chain.segmentHeader(this.#segments.at(-1)! + 1, newSeed(random));
    const file = await createSegment(fileSystem, directory, header, segmentBytes);
    await this.#file.close();
    this.#file = file;
    this.#seed = header.seed;
    this.#position = SEGMENT_HEADER_BYTES;
    this.#segments.push(header.number);
  }
}

function newSeed(random: Random): number {
  return integerBetween(random, 0, LARGEST_SEED);
}
