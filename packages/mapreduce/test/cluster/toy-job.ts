import { crc32 } from "node:zlib";
import type { JobOutput, JobPlan, RunTask } from "../../src/cluster/index.ts";
import { type AttemptId, attemptName } from "../../src/tracker/index.ts";
import { report } from "../tracker/tracked.ts";

/** Sorts numbers: map deals them out by their last digit, reduce writes them in order. */
export function toyPlan(splits: readonly (readonly number[])[], partitions: number): JobPlan {
  return {
    splits: splits.map((_, at) => ({
      source: 0,
      split: { file: String(at), start: 0, end: null },
    })),
    partitions,
    spec: { splits },
  };
}

/** Files that all machines share. */
export class ToyOutput implements JobOutput {
  readonly written = new Map<string, string>();
  readonly committed = new Map<number, string>();
  readonly log: string[] = [];
  parts: string[] | undefined;

  async begin(): Promise<void> {}

  async commit(attempt: AttemptId): Promise<void> {
    const name = attemptName(attempt);
    this.log.push(name);
    const text = this.written.get(name);
    if (text === undefined) throw new Error(`${name} is not there`);
    this.committed.set(attempt.task, text);
  }

  async discard(attempt: AttemptId): Promise<void> {
    this.written.delete(attemptName(attempt));
  }

  async finish(tasks: number): Promise<void> {
    this.parts = Array.from({ length: tasks }, (_, task) => this.committed.get(task)!);
  }

  async abort(): Promise<void> {
    this.log.push("abort");
  }
}

/** `before` is called with each attempt before it does anything. */
export function toyTasks(
  output: ToyOutput,
  before: (name: string) => Promise<void> | void = () => {},
): RunTask {
  return async ({ spec, work }, { disk, folder }) => {
    const { splits } = spec as { readonly splits: readonly (readonly number[])[] };
    const name = attemptName(work);
    await before(name);
    if (work.kind === "map") {
      const file = `${folder}/out`;
      const writer = disk.create(file);
      let position = 0;
      const segments = Array.from({ length: work.partitions }, (_, partition) => {
        const own = splits[work.task]!.filter((number) => number % work.partitions === partition);
        const bytes = new TextEncoder().encode(JSON.stringify(own));
        writer.append(bytes);
        position += bytes.length;
        const size = { bytes: bytes.length, blockBytes: bytes.length, records: own.length };
        return { file, partition, position: position - size.bytes, ...size, crc32: crc32(bytes) };
      });
      writer.close();
      return { report: report({ maps: 1 }), segments };
    }
    const numbers = work.segments.flatMap(({ file, position, bytes }) => {
      const reader = disk.open(file);
      const into = new Uint8Array(bytes);
      reader.read(into, position);
      reader.close();
      return JSON.parse(new TextDecoder().decode(into)) as number[];
    });
    output.written.set(name, numbers.sort((left, right) => left - right).join(" "));
    return { report: report({ reduces: 1 }) };
  };
}
