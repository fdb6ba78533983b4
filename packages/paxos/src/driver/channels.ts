import { type Channel, channel } from "node:diagnostics_channel";

/** A message of the Synod has come: `{ nodeId, from, message }`. */
export const messageChannel: Channel = channel("quorate:paxos:message");
/** This node had to stop by itself: `{ nodeId, error }`. */
export const failureChannel: Channel = channel("quorate:paxos:failed");
