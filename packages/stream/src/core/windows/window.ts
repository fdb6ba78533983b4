/** From `startMs` up to, not including, `endMs`. Of one key, no two windows start at one time. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** The last time that belongs to a window: when the watermark has it, the window is complete. */
export function lastMs({ endMs }: Window): number {
  return endMs - 1;
}
