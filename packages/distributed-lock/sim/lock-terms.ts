/** As many may hold "s" at once. */
export const PERMITS = 2;
/** How long "d" is kept after a holder was lost. */
export const LOCK_DELAY_MS = 700;
/** What sessions are opened for: one of these. */
export const TTLS_MS: readonly number[] = [1_000, 2_500];
export const SHORTEST_TTL_MS = 1_000;
