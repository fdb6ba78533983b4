import type { NodeId } from "./transport.ts";

/** A peer became reachable, or no longer is. */
export interface PeerEvent {
  readonly peer: NodeId;
  readonly state: "up" | "down";
}

export type PeerListener = (event: PeerEvent) => void;
