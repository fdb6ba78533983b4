/** Map first, then reduce. */
export type TaskKind = "map" | "reduce";

/** One try of one task. No two of a job are alike, whatever was lost, forgotten or restarted. */
export interface AttemptId {
  readonly kind: TaskKind;
  /** The split's or the partition's number, from 0. */
  readonly task: number;
  /** From 0 for each task. */
  readonly attempt: number;
}

/** "map-3-0": names folders and keys of what belongs to one attempt. */
export function attemptName({ kind, task, attempt }: AttemptId): string {
  return `${kind}-${task}-${attempt}`;
}
