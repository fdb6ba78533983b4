import { CheckerError } from "./checker-error.ts";

/** Bounds of a check. Where one is met, the result is `undecided`, never a guess. */
export interface CheckOptions {
  /**
   * Most memory for the configurations that the search of one partition remembers, in bytes, about;
   * freed when the check ends. A whole number from 65536.
   *
   * @default 268_435_456 (256 MiB)
   */
  readonly maxMemoryBytes?: number;
  /**
   * Most calls of the model's `step` in all partitions together: the bound on time, of which one
   * million takes about 0.1 to 0.5 s. Counted and not timed, so that a check gives the same verdict
   * every time. Making a violation small takes up to five million more. A whole number from 1.
   *
   * @default 100_000_000
   */
  readonly maxSteps?: number;
}

const SMALLEST_MEMORY_BYTES = 65_536;

/** Every default filled in, every field checked. */
export function validated(options: CheckOptions): Required<CheckOptions> {
  const { maxMemoryBytes = 256 * 1_024 * 1_024, maxSteps = 100_000_000 } = options;
  if (!(Number.isInteger(maxMemoryBytes) && maxMemoryBytes >= SMALLEST_MEMORY_BYTES)) {
    const message = `maxMemoryBytes must be a whole number from ${SMALLEST_MEMORY_BYTES}, not `;
    throw new CheckerError("invalid-option", message + maxMemoryBytes);
  }
  if (!(Number.isInteger(maxSteps) && maxSteps >= 1)) {
    const message = `maxSteps must be a whole number from 1, not ${maxSteps}`;
    throw new CheckerError("invalid-option", message);
  }
  return { maxMemoryBytes, maxSteps };
}
