/** What a transport did since its start. */
export interface Counters {
  messagesSent: number;
  messagesReceived: number;
  /** Turned away by a full queue, or lost because no connection came about. */
  messagesDropped: number;
  /** Arrived for a protocol without a listener. */
  messagesUnhandled: number;
  requestsSent: number;
  requestsServed: number;
  requestsFailed: number;
  streamsOpened: number;
  streamsAccepted: number;
}

export function newCounters(): Counters {
  return {
    messagesSent: 0,
    messagesReceived: 0,
    messagesDropped: 0,
    messagesUnhandled: 0,
    requestsSent: 0,
    requestsServed: 0,
    requestsFailed: 0,
    streamsOpened: 0,
    streamsAccepted: 0,
  };
}
