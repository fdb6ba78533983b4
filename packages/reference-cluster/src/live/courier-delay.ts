import type { Aggregate } from "@quorate/stream";

/** From the placing of an order until a courier was sent. */
export interface Delay {
  readonly district: string;
  readonly delayMs: number;
}

/** What delays come to. */
export interface Delays {
  readonly couriers: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

export const delays: Aggregate<Delay, Delays, Delays> = {
  create: () => ({ couriers: 0, totalMs: 0, maxMs: 0 }),
  add: ({ couriers, totalMs, maxMs }, { delayMs }) => ({
    couriers: couriers + 1,
    totalMs: totalMs + delayMs,
    maxMs: Math.max(maxMs, delayMs),
  }),
  result: (total) => total,
};
