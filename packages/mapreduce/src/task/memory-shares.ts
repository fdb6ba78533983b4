/** How a task's memory is shared out. The rest is for what the input and the output hold. */
export interface MemoryShares {
  /** The table or the sort buffer, or the runs that are merged. */
  readonly pairs: number;
  /** What is written to or read from a run at once, if no single pair is larger. */
  readonly block: number;
  /** The largest pair, so that two runs can always be merged. */
  readonly pair: number;
}

/** The least that a task can work with. */
const LEAST_TASK_BYTES = 16 * 1_024;

const MOST_BLOCK_BYTES = 256 * 1_024;

export function memoryShares(memoryBytes: number): MemoryShares {
  const memory = Math.max(LEAST_TASK_BYTES, memoryBytes);
  return {
    pairs: 8 * Math.floor((memory * 0.75) / 8),
    block: Math.min(MOST_BLOCK_BYTES, Math.floor(memory / 64)),
    pair: Math.floor(memory / 8),
  };
}
