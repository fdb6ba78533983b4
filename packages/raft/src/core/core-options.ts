import type { FlowLimits } from "@quorate/replication/driver";

/** How a core behaves; validated by whoever makes it. All fields are fixed once it is made. */
export interface CoreOptions extends FlowLimits {
  /** This node's name. */
  readonly id: string;
  /** All that vote, this node among them. */
  readonly voters: readonly string[];
  /** A follower campaigns after this to twice this time without a leader, drawn anew each time. */
  readonly electionTimeoutMs: number;
  /** A leader shows itself this often. */
  readonly heartbeatMs: number;
  /** Most bytes of entries in one append message; a larger entry travels alone. */
  readonly maxAppendBytes: number;
  /** Most bytes of proposals that a leader holds uncommitted; more are turned away. */
  readonly maxUncommittedBytes: number;
}
