import { crc32 } from "node:zlib";
import { type Clock, FileSystemError, pause } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { Disk } from "../disk/disk.ts";
import type { Segment } from "../task/task.ts";
import type { AttemptId } from "../tracker/index.ts";
import type { LiveWorkers } from "./live-workers.ts";
import type { MapOutputs } from "./map-outputs.ts";
import type { MapSource } from "./map-source.ts";
import { nodeOf, SEGMENTS, type SegmentsHeader, type SegmentsRequest } from "./protocol.ts";
import type { CheckedSegment } from "./run-task.ts";
import { segmentSum } from "./segment-sum.ts";
import { lengthAndValue, StreamCut, StreamReader } from "./stream-reader.ts";
import type { WorkerSettings } from "./worker-options.ts";

/** Segments of one map task for one partition: some ten bytes for each spill. */
const MAX_HEADER_BYTES = 2 ** 24;

/** The output of these map attempts cannot be had. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly maps: readonly AttemptId[];

  constructor(maps: readonly AttemptId[]) {
    super(`cannot fetch the output of ${maps.length} map tasks`);
    this.maps = maps;
  }
}

/** What fetching needs, beside what is to be fetched. */
export interface Fetching {
  readonly worker: string;
  readonly settings: WorkerSettings;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly disk: Disk;
  /** This worker's own, which is not fetched. */
  readonly outputs: MapOutputs;
  /** From others than these nothing is fetched: the master has their maps redone (section 3.3). */
  readonly alive: LiveWorkers;
}

/**
 * Brings the pairs of one partition to this worker's disk (section 3.1, step 5), each segment checked.
 * In the order of `sources`, whatever the order in which they came.
 *
 * @throws {FetchError} when some cannot be had. @throws the signal's reason.
 */
export async function fetchSegments(
  partition: number,
  sources: readonly MapSource[],
  folder: string,
  signal: AbortSignal,
  fetching: Fetching,
): Promise<Segment[]> {
  const found = new Map<number, readonly Segment[]>();
  const { worker, outputs, settings, disk } = fetching;
  const elsewhere = new Map<string, AttemptId[]>();
  const missing: AttemptId[] = [];
  for (const { attempt, worker: holder } of sources) {
    if (holder === worker) {
      const own = outputs.segments(attempt, partition);
      if (own?.every((segment) => isWhole(disk, segment))) found.set(attempt.task, own);
      else missing.push(attempt);
      continue;
    }
    const others = elsewhere.get(holder);
    if (others) others.push(attempt);
    else elsewhere.set(holder, [attempt]);
  }
  const waiting = [...elsewhere];
  const failures: unknown[] = [];
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener("abort", end);
  const fetchAll = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (missing.length > 0 || ending.signal.aborted) return;
      const file = `${folder}/from-${waiting.length}`;
      const fetch = new WorkerFetch(next[0], partition, next[1], file, ending.signal, fetching);
      const lacking = await fetch.run(found);
      // After the first that cannot be had, the others are given up, and are nobody's fault.
      if (lacking.length === 0 || ending.signal.aborted) continue;
      missing.push(...lacking);
      end();
    }
  };
  try {
    await Promise.all(
      Array.from({ length: settings.maxFetches }, () =>
        fetchAll().catch((error: unknown) => {
          failures.push(error);
          end();
        }),
      ),
    );
  } finally {
    signal.removeEventListener("abort", end);
  }
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  if (missing.length > 0) throw new FetchError(missing);
  return sources.flatMap(({ attempt }) => found.get(attempt.task)!);
}

/** Whether a segment of this worker's own is as it was written. */
function isWhole(disk: Disk, segment: CheckedSegment): boolean {
  try {
    return segmentSum(disk, segment) === segment.crc32;
  } catch (error) {
    if (error instanceof FileSystemError) return false;
    throw error;
  }
}

/** All that one worker has of a partition. */
class WorkerFetch {
  readonly #from: string;
  readonly #partition: number;
  #left: readonly AttemptId[];
  readonly #file: string;
  readonly #signal: AbortSignal;
  readonly #fetching: Fetching;

  constructor(
    from: string,
    partition: number,
    maps: readonly AttemptId[],
    file: string,
    signal: AbortSignal,
    fetching: Fetching,
  ) {
    this.#from = from;
    this.#partition = partition;
    this.#left = maps;
    this.#file = file;
    this.#signal = signal;
    this.#fetching = fetching;
  }

  /** Those that could not be had. A try goes on with the map task at which the one before was cut. */
  async run(found: Map<number, readonly Segment[]>): Promise<readonly AttemptId[]> {
    const { clock, settings, alive } = this.#fetching;
    let inVain = 0;
    for (let tries = 0; ; tries++) {
      if (!alive.has(this.#from)) return this.#left;
      const before = this.#left.length;
      const areThere = await this.#try(`${this.#file}-${tries}`, found);
      if (this.#left.length === 0 || !areThere || this.#signal.aborted) return this.#left;
      // What gets on is not given up, however often it is cut.
      inVain = this.#left.length < before ? 0 : inVain + 1;
      if (inVain >= settings.fetchAttempts) return this.#left;
      await pause(clock, settings.fetchPauseMs * 2 ** inVain, [this.#signal]);
    }
  }

  /** False when the other side says that it has not got the next one. */
  async #try(file: string, found: Map<number, readonly Segment[]>): Promise<boolean> {
    const { transport, clock, disk, settings, alive } = this.#fetching;
    const controller = new AbortController();
    const late = clock.setTimer(settings.fetchTimeoutMs, () => controller.abort());
    const end = (): void => controller.abort();
    const unsubscribe = alive.onGone(this.#from, end);
    this.#signal.addEventListener("abort", end);
    if (this.#signal.aborted) end();
    try {
      const stream = await transport.openStream(nodeOf(this.#from), SEGMENTS, {
        signal: controller.signal,
      });
      late.cancel();
      const request: SegmentsRequest = {
        worker: this.#from,
        partition: this.#partition,
        maps: this.#left,
      };
      await stream.write(lengthAndValue(request));
      await stream.end();
      const reader = new StreamReader(stream, clock, settings.fetchTimeoutMs);
      const writer = disk.create(file);
      try {
        return await this.#receive(reader, file, writer, found);
      } finally {
        writer.close();
        stream.reset("done"); // no effect on one that has ended well
      }
    } catch (error) {
      if (isOfTheFetch(error)) return true;
      throw error;
    } finally {
      late.cancel();
      unsubscribe();
      this.#signal.removeEventListener("abort", end);
    }
  }

  async #receive(
    reader: StreamReader,
    file: string,
    writer: { append(bytes: Uint8Array): void },
    found: Map<number, readonly Segment[]>,
  ): Promise<boolean> {
    let position = 0;
    for (const attempt of this.#left) {
      const header = (await reader.readValue(MAX_HEADER_BYTES)) as SegmentsHeader;
      if (!header.segments) return false;
      const segments: Segment[] = [];
      for (const { crc32: expected, ...segment } of header.segments) {
        let sum = 0;
        for await (const piece of reader.read(segment.bytes)) {
          sum = crc32(piece, sum);
          writer.append(piece);
        }
        if (sum !== expected) throw new StreamCut("a segment is damaged");
        segments.push({ ...segment, file, position });
        position += segment.bytes;
      }
      found.set(attempt.task, segments);
      this.#left = this.#left.slice(1);
    }
    return true;
  }
}

/** Of the network or the other side; whatever is wrong with this side's disk fails the attempt. */
function isOfTheFetch(error: unknown): boolean {
  return !(error instanceof FileSystemError);
}
