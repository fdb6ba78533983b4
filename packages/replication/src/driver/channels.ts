import { channel, type Channel } from "node:diagnostics_channel";

/**
 * What happens rarely and matters, for `node:diagnostics_channel`; each message has `nodeId`, and
 * `group` if the node is of a group with a name.
 */
export interface Channels {
  /** This node learned of another leader, or of none: `{ nodeId, leader, term }`. */
  readonly leader: Channel;
  /**
   * This node took, sent or received a snapshot, or found its own damaged when it was to be sent, and
   * makes another: `{ nodeId, kind, index }`.
   */
  readonly snapshot: Channel;
  /** This node had to stop by itself: `{ nodeId, error }`. */
  readonly failure: Channel;
}

/** `quorate:raft:leader` and so on. */
export function channelsOf(algorithm: string): Channels {
  return {
    leader: channel(`quorate:${algorithm}:leader`),
    snapshot: channel(`quorate:${algorithm}:snapshot`),
    failure: channel(`quorate:${algorithm}:failed`),
  };
}
