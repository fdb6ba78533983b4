import type { Mark } from "./cell.ts";
import type { RegisterOutcome } from "./outcome.ts";

/** What a key holds at one moment. */
export interface Current {
  /** Undefined when it holds nothing. */
  readonly value: Uint8Array | undefined;
  /** Of the last write; undefined when nobody remembers one. */
  readonly mark: Mark | undefined;
}

/** What an operation makes of what a key holds. */
export type Decision<R> =
  | {
      readonly kind: "change";
      readonly value: Uint8Array | undefined;
      /** Given the new value's mark. */
      readonly result: (mark: Mark) => R;
    }
  | { readonly kind: "keep"; readonly result: R }
  /** Has no effect, and is not ordered either. */
  | { readonly kind: "refuse"; readonly outcome: RegisterOutcome<R> };

/** One operation on one key. */
export interface Operation<R = unknown> {
  readonly key: string;
  /**
   * - `read`: changes nothing.
   * - `write`: may change something; is carried out in a ballot even if it does not.
   * - `collect`: forgets the key everywhere if it holds nothing.
   */
  readonly kind: "read" | "write" | "collect";
  /** Pure. Called once for each ballot in which the operation is proposed. */
  decide(current: Current): Decision<R>;
  /** Milliseconds of the core's time after which nobody waits for it any more. */
  deadlineMs: number;
}
