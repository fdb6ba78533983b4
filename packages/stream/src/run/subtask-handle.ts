import type { SubtaskMetrics } from "./metrics.ts";
import type { CheckpointPart } from "./subtask.ts";

/** What a running subtask tells of itself. */
export interface SubtaskEvents {
  /** It has had its barrier, and its sinks have prepared. */
  readonly onPart: (part: CheckpointPart) => void;
  /** Nothing is left to be read. */
  readonly onEnded: () => void;
  /** It has stopped. Called once, and nothing after it. */
  readonly onFailed: (error: unknown) => void;
}

/** A subtask that runs by itself: in this thread, or in another. */
export interface SubtaskHandle {
  /** Opens sinks and sources and begins. */
  start(): Promise<void>;
  /** Asks for a barrier; `onPart` follows. */
  barrier(id: number, isFinal: boolean): void;
  /** The checkpoint is kept: commits its transactions. A failure is `onFailed` as well. */
  commit(id: number): Promise<void>;
  metrics(): Promise<SubtaskMetrics>;
  /** Ends it as it stands; nothing is called afterwards. */
  close(): Promise<void>;
}
