import type { Dispatched } from "../dispatch/delivery-shard.ts";

/** What a process tells the one that started it: that it takes part in its cluster, or an answer. */
export type ProcessMessage = "ready" | DispatchAnswer;

/** What a dispatcher is asked by the one that started it: to send a courier, whoever holds the lock. */
export interface DispatchRequest {
  readonly dispatchBlindly: string;
}

export interface DispatchAnswer {
  readonly orderId: string;
  readonly dispatched: Dispatched;
}
