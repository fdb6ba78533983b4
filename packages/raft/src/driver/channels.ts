import { type Channel, channel } from "node:diagnostics_channel";

/*
 * What happens rarely and matters, for `node:diagnostics_channel`; each message has `nodeId`, and
 * `group` if the node is of a group with a name.
 */

/** This node learned of another leader, or of none: `{ nodeId, leader, term }`. */
export const leaderChannel: Channel = channel("quorate:raft:leader");
/**
 * This node took, sent or received a snapshot, or found its own damaged when it was to be sent, and
 * makes another: `{ nodeId, kind, index }`.
 */
export const snapshotChannel: Channel = channel("quorate:raft:snapshot");
/** This node had to stop by itself: `{ nodeId, error }`. */
export const failureChannel: Channel = channel("quorate:raft:failed");
