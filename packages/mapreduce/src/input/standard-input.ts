import { createReadStream, fstatSync } from "node:fs";
import { Socket } from "node:net";
import { ReadStream, isatty } from "node:tty";
import { MapReduceError } from "../mapreduce-error.ts";

let isTaken = false;

/**
 * The bytes of standard input, which can be read once. On any thread: `process.stdin` of a worker
 * thread is not the process's own.
 *
 * @throws {MapReduceError} `invalid-input` when this thread has read it before.
 */
export async function* standardInput(): AsyncIterable<Uint8Array> {
  if (isTaken) throw new MapReduceError("invalid-input", "standard input can be read only once");
  isTaken = true;
  yield* openStandardInput();
}

function openStandardInput(): AsyncIterable<Uint8Array> {
  const descriptor = 0;
  if (isatty(descriptor)) return new ReadStream(descriptor);
  const stat = fstatSync(descriptor);
  if (stat.isFIFO() || stat.isSocket()) {
    return new Socket({ fd: descriptor, readable: true, writable: false });
  }
  return createReadStream("", { fd: descriptor, autoClose: false, highWaterMark: 256 * 1_024 });
}
