import type { ByteSink } from "../codec/byte-sink.ts";
import type { Disk } from "../disk/disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { Output, RecordWriter } from "../output/output.ts";

/**
 * Opens an output on standard output instead of a file: Hadoop makes files of the lines.
 *
 * @throws {MapReduceError} `invalid-job` for outputs that are more than one file of lines.
 */
export function outputToLines<R>(
  output: Output<R>,
  part: number,
  lines: ByteSink,
): RecordWriter<R> {
  return output.open({ disk: new LinesDisk(lines), folder: "", part });
}

/** A disk with one file, whose bytes go on to somewhere else. */
class LinesDisk implements Disk {
  readonly #lines: ByteSink;
  #isCreated = false;

  constructor(lines: ByteSink) {
    this.#lines = lines;
  }

  create(path: string): ReturnType<Disk["create"]> {
    if (path.endsWith(".gz")) {
      refuse(
        "its output is packed; leave gzip out, and set mapreduce.output.fileoutputformat.compress",
      );
    }
    if (this.#isCreated) refuse("its output is more than one file");
    this.#isCreated = true;
    return {
      append: (bytes) => this.#lines.append(bytes, 0, bytes.length),
      sync: () => undefined,
      close: () => undefined,
    };
  }

  makeFolder(): void {
    refuse("its output is in folders");
  }

  open(): never {
    return refuse("its output is read again");
  }

  rename(): void {
    refuse("its output is renamed");
  }

  list(): never {
    return refuse("its output is read again");
  }

  remove(): void {}

  exists(): boolean {
    return false;
  }

  isFolder(): boolean {
    return false;
  }

  syncFolder(): void {}
}

function refuse(reason: string): never {
  throw new MapReduceError("invalid-job", `the job cannot run on Hadoop Streaming: ${reason}`);
}
