import type { FlowLimits } from "@quorate/replication/driver";

/** How a core behaves; validated by whoever makes it. All fields are fixed once it is made. */
export interface LogCoreOptions extends FlowLimits {
  /** This node's name. */
  readonly id: string;
  /** Those that vote in the first slots; a node that joins later is not among them. */
  readonly voters: readonly string[];
  /** α: slots that may be undecided, and after which a configuration is used. */
  readonly window: number;
  /** A follower canvasses after this to twice this time without a leader, drawn anew each time. */
  readonly electionTimeoutMs: number;
  /** A leader shows itself this often. */
  readonly heartbeatMs: number;
  /** Most bytes of entries in one message; a larger entry travels alone. */
  readonly maxAppendBytes: number;
  /** Most bytes of proposals that a leader holds undecided; more are turned away. */
  readonly maxUncommittedBytes: number;
}
