import { cpus } from "node:os";
import { fdatasyncMs } from "./fdatasync-time.ts";
import { loopbackRttMs } from "./loopback-round-trip.ts";

/** What a figure was measured on: figures compare only beside it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** A 4-KiB write and its fdatasync in the temporary folder, median. */
  readonly fdatasyncMs: number;
  /** 256 bytes to an echo server of `node:net` on 127.0.0.1 and back, median. */
  readonly loopbackRttMs: number;
}

/** Takes well under a second. */
export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    node: process.version,
    fdatasyncMs: rounded(await fdatasyncMs()),
    loopbackRttMs: rounded(await loopbackRttMs()),
  };
}

// A thousandth of a millisecond is as fine as these two repeat.
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
