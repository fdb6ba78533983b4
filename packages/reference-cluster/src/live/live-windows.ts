/** Orders and revenue, and couriers, are counted by the minute. */
export const MINUTE_MS = 60_000;
/** Top dishes are those of the last five minutes, the current one included. */
export const DISHES_MS: number = 5 * MINUTE_MS;
