import { type Channel, channel } from "node:diagnostics_channel";
import type { NodeId } from "../transport.ts";

/** What each event on the channels below carries, beside what the channel documents. */
export interface TransportDiagnostic {
  readonly nodeId: NodeId;
  /** Undefined where the other side did not get so far as to say its name. */
  readonly peer: NodeId | undefined;
  /** For people; empty for `up`. */
  readonly reason: string;
}

/** `quorate:transport:up`: a connection was established. */
export const upChannel: Channel = channel("quorate:transport:up");
/** `quorate:transport:down`: a connection was lost. */
export const downChannel: Channel = channel("quorate:transport:down");
/** `quorate:transport:refused`: this node refused another, or was refused by it. */
export const refusedChannel: Channel = channel("quorate:transport:refused");
/** `quorate:transport:unreachable`: an attempt to connect failed. */
export const unreachableChannel: Channel = channel("quorate:transport:unreachable");
/** `quorate:transport:violation`: the other side sent what no peer of this version sends. */
export const violationChannel: Channel = channel("quorate:transport:violation");
