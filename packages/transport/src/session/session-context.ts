import type { Clock } from "@quorate/runtime";
import type { Counters } from "./counters.ts";
import type { Deadlines } from "./deadlines.ts";
import type { HandlerTable } from "./handler-table.ts";

/** The bounds of one connection; each is checked by both sides. */
export interface SessionLimits {
  readonly maxMessageBytes: number;
  readonly maxQueuedBytesPerPeer: number;
  readonly maxRequestsInFlightPerPeer: number;
  readonly maxStreamsPerPeer: number;
  readonly streamWindowBytes: number;
}

/** What the sessions of one transport share. */
export interface SessionContext {
  readonly nodeId: string;
  readonly clock: Clock;
  readonly handlers: HandlerTable;
  readonly deadlines: Deadlines;
  readonly limits: SessionLimits;
  readonly counters: Counters;
}

/** The bounds that the other side told in its handshake, and we keep to. */
export type RemoteLimits = Pick<SessionLimits, "maxMessageBytes" | "streamWindowBytes">;
