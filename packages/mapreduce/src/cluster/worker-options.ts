import { MapReduceError } from "../mapreduce-error.ts";

export interface WorkerOptions {
  /** Nodes on which a master may be: tried in turn as long as none answers. At least one. */
  readonly masters: readonly string[];
  /** For map output and what tasks write meanwhile. The worker's own: it removes what is in it. */
  readonly folder: string;
  /**
   * Compared with the hosts of splits.
   *
   * @default the transport's node
   */
  readonly host?: string;
  /**
   * Attempts at once; from 1.
   *
   * @default 1
   */
  readonly slots?: number;
  /**
   * Bytes that one attempt may take.
   *
   * @default 256 MiB
   */
  readonly memoryBytes?: number;
  /**
   * Milliseconds between two words to the master when there is no news; above 0.
   *
   * @default 1_000
   */
  readonly heartbeatMs?: number;
  /**
   * Workers from which a reduce attempt fetches at once; from 1. Each takes up to a transport stream's
   * window (1 MiB) of memory.
   *
   * @default 4
   */
  readonly maxFetches?: number;
  /**
   * Streams of map output that are served at once; from 1. One more is told to come again.
   *
   * @default 64
   */
  readonly maxServed?: number;
  /**
   * How often in a row a worker is asked in vain for its map output, before the master is told that it
   * cannot be had; from 1. What was cut goes on with the map task where it was.
   *
   * @default 4
   */
  readonly fetchAttempts?: number;
  /**
   * Milliseconds between two of these, twice as many each time; above 0.
   *
   * @default 200
   */
  readonly fetchPauseMs?: number;
  /**
   * Milliseconds without a byte after which a fetch is given up; above 0.
   *
   * @default 10_000
   */
  readonly fetchTimeoutMs?: number;
}

export type WorkerSettings = Required<WorkerOptions>;

/** @throws {MapReduceError} `invalid-job` for what is out of its range. */
export function validatedWorker(options: WorkerOptions, node: string): WorkerSettings {
  const { masters, folder, host = node, slots = 1, memoryBytes = 256 * 2 ** 20 } = options;
  const { maxFetches = 4, maxServed = 64, fetchAttempts = 4 } = options;
  const { heartbeatMs = 1_000, fetchPauseMs = 200, fetchTimeoutMs = 10_000 } = options;
  if (masters.length === 0) invalid("masters must name a node");
  if (folder === "") invalid("folder must be a path");
  const counts = { slots, memoryBytes, maxFetches, maxServed, fetchAttempts };
  for (const [name, count] of Object.entries(counts)) {
    if (!(Number.isInteger(count) && count >= 1)) invalid(`${name} must be a whole number from 1`);
  }
  const times = { heartbeatMs, fetchPauseMs, fetchTimeoutMs };
  for (const [name, ms] of Object.entries(times)) {
    if (!(ms > 0)) invalid(`${name} must be above 0, not ${ms}`);
  }
  return { masters, folder, host, ...counts, ...times };
}

function invalid(message: string): never {
  throw new MapReduceError("invalid-job", message);
}
