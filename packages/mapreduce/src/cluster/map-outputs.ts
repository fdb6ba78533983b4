import type { Clock } from "@quorate/runtime";
import type { TransportStream } from "@quorate/transport";
import type { Disk } from "../disk/disk.ts";
import { type AttemptId, attemptName } from "../tracker/index.ts";
import type { SegmentsHeader, SegmentsRequest, SentSegment } from "./protocol.ts";
import type { CheckedSegment } from "./run-task.ts";
import { lengthAndValue, StreamReader } from "./stream-reader.ts";

/** A request names each map task: some ten bytes for each. */
const MAX_REQUEST_BYTES = 2 ** 26;
const CHUNK_BYTES = 2 ** 18;

interface Held {
  readonly attempt: AttemptId;
  readonly segments: readonly CheckedSegment[];
}

/** The output of finished map attempts on this worker's disk, and its way to whoever reduces it. */
export class MapOutputs {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #limits: { readonly maxServed: number; readonly timeoutMs: number };
  readonly #held = new Map<string, Held>();
  #served = 0;

  constructor(
    disk: Disk,
    clock: Clock,
    limits: { readonly maxServed: number; readonly timeoutMs: number },
  ) {
    this.#disk = disk;
    this.#clock = clock;
    this.#limits = limits;
  }

  get attempts(): readonly AttemptId[] {
    return [...this.#held.values()].map(({ attempt }) => attempt);
  }

  add(attempt: AttemptId, segments: readonly CheckedSegment[]): void {
    this.#held.set(attemptName(attempt), { attempt, segments });
  }

  remove(attempt: AttemptId): void {
    this.#held.delete(attemptName(attempt));
  }

  clear(): void {
    this.#held.clear();
  }

  /** Undefined: it is not there. */
  segments(attempt: AttemptId, partition: number): readonly CheckedSegment[] | undefined {
    const held = this.#held.get(attemptName(attempt));
    return held?.segments.filter((segment) => segment.partition === partition);
  }

  /** Answers one stream; what is asked of another life of this worker is not there. */
  async serve(worker: string, stream: TransportStream): Promise<void> {
    if (this.#served >= this.#limits.maxServed) return stream.reset("overloaded");
    this.#served++;
    try {
      const reader = new StreamReader(stream, this.#clock, this.#limits.timeoutMs);
      const request = (await reader.readValue(MAX_REQUEST_BYTES)) as SegmentsRequest;
      for (const attempt of request.maps) {
        const isHere = request.worker === worker;
        const segments = isHere ? this.segments(attempt, request.partition) : undefined;
        await this.#send(stream, attempt, segments);
      }
      await stream.end();
    } catch (error) {
      // The other side asks again for what is missing.
      stream.reset(error instanceof Error ? error.message : String(error));
    } finally {
      this.#served--;
    }
  }

  async #send(
    stream: TransportStream,
    attempt: AttemptId,
    segments: readonly CheckedSegment[] | undefined,
  ): Promise<void> {
    const listed = segments?.map(sent);
    const header: SegmentsHeader = { attempt, ...(listed && { segments: listed }) };
    await stream.write(lengthAndValue(header));
    for (const segment of segments ?? []) await this.#sendBytes(stream, segment);
  }

  async #sendBytes(
    stream: TransportStream,
    { file, position, bytes }: CheckedSegment,
  ): Promise<void> {
    const reader = this.#disk.open(file);
    try {
      for (let at = 0; at < bytes; at += CHUNK_BYTES) {
        // A new buffer each time: what a transport was given is its own.
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes - at));
        if (reader.read(chunk, position + at) < chunk.length) throw new Error(`${file} is cut off`);
        await stream.write(chunk);
      }
    } finally {
      reader.close();
    }
  }
}

function sent({ partition, bytes, records, blockBytes, crc32 }: CheckedSegment): SentSegment {
  return { partition, bytes, records, blockBytes, crc32 };
}
