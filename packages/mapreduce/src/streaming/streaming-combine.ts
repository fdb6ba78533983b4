import { ByteSink } from "../codec/byte-sink.ts";
import type { ReduceJob } from "../job/job.ts";
import { FieldReader, pairLine, PairLineWriter } from "./pair-lines.ts";
import { SameKey } from "./same-key.ts";
import {
  reduceJob,
  type StreamingPart,
  streamingPart,
  type StreamingTask,
} from "./streaming-task.ts";

/**
 * The combiner of a job on Hadoop Streaming: of sorted lines, as its mapper writes them, those with
 * the same key become one, by the job's `combine`; without one, all stay as they are.
 */
export const streamingCombine: StreamingPart = streamingPart((job, task) =>
  combineLines(reduceJob(job), task),
);

async function combineLines(job: ReduceJob, { lines, output }: StreamingTask): Promise<void> {
  const { combine, value: codec } = job;
  const writer = new PairLineWriter(job, output.lines);
  const fields = new FieldReader();
  const keyBytes = new ByteSink();
  const group = new SameKey();
  let combined: unknown;
  const writeGroup = (): void => {
    keyBytes.length = 0;
    group.readKey(keyBytes);
    writer.writeBytes(keyBytes.bytes, 0, keyBytes.length, combined);
  };
  for await (const { bytes, starts, ends, count } of lines) {
    for (let index = 0; index < count; index++) {
      const start = starts[index]!;
      const end = ends[index]!;
      if (!combine) {
        output.lines.append(bytes, start, end);
        output.lines.append(NEWLINE, 0, 1);
      } else {
        const { keyEnd, valueStart } = pairLine(bytes, start, end, false);
        const value = fields.value(codec, bytes, valueStart, end);
        if (group.has(bytes, start, keyEnd)) {
          combined = combine(combined, value);
        } else {
          if (group.isStarted) writeGroup();
          group.start(bytes, start, keyEnd);
          combined = value;
        }
      }
      if (output.isFull) await output.flush();
    }
  }
  if (group.isStarted) writeGroup();
}

const NEWLINE = Uint8Array.of(0x0a);
