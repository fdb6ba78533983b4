import type { AttemptId } from "../tracker/index.ts";

/** Where the output of a map task is. */
export interface MapSource {
  readonly attempt: AttemptId;
  readonly worker: string;
}
