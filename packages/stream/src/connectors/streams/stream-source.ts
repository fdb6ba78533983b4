import type { Batch, Source, SourceContext } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { ChunkQueue } from "./chunk-queue.ts";

/** Turns what a stream brings into records; `end` is called once, for what is left. */
export interface Decoder<C, T> {
  push(chunk: C): readonly T[];
  end(): readonly T[];
}

export interface StreamSourceOptions {
  /** Chunks that are held at most; at them, the stream is not read. @default 1024 */
  readonly maxChunks?: number;
  /**
   * A stream cannot be read again. When a job starts again after its source gave more records than
   * its checkpoint has: `fail` with `position-lost`, or `go-on` without them.
   *
   * @default "fail"
   */
  readonly afterLoss?: "fail" | "go-on";
}

/**
 * A stream as a source of one subtask. In one process it is read once, across restarts of the job;
 * its position is the number of records. What it brought after the last checkpoint is lost with the
 * process.
 */
export function streamSource<C, T>(
  chunks: AsyncIterable<C> | Iterable<C>,
  decoder: Decoder<C, T>,
  { maxChunks = 1_024, afterLoss = "fail" }: StreamSourceOptions = {},
): Source<T> {
  if (!(maxChunks >= 1)) {
    throw new StreamError("invalid-option", `maxChunks must be 1 or above, not ${maxChunks}`);
  }
  const queue = new ChunkQueue<C>(maxChunks);
  const state = { isRead: false, isEnded: false, count: 0 };

  async function* batches({ subtask, positions, signal }: SourceContext): AsyncGenerator<Batch<T>> {
    if (subtask !== 0) return;
    const known = (positions.get("") as number | undefined) ?? state.count;
    if (known < state.count && afterLoss === "fail") {
      const text = `the stream gave ${state.count} records, the checkpoint has ${known} of them`;
      throw new StreamError("position-lost", text);
    }
    // A process that starts again goes on counting.
    state.count = Math.max(state.count, known);
    yield { records: [], position: state.count, isLast: state.isEnded };
    if (!state.isRead) void queue.fill(chunks);
    state.isRead = true;
    while (!state.isEnded) {
      const taken = await queue.take(signal);
      if (!taken && signal.aborted) return;
      state.isEnded = taken === undefined;
      const records = taken?.flatMap((chunk) => decoder.push(chunk)) ?? decoder.end();
      state.count += records.length;
      yield { records, position: state.count, isLast: state.isEnded };
    }
  }
  return { open: (context) => batches(context) };
}
