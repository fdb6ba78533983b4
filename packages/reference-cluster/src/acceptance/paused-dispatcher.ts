import { type Clock, pause } from "@quorate/runtime";
import type { Cluster } from "../cluster/cluster.ts";
import { DISPATCH, type LockHolder } from "../coordination/cluster-locks.ts";
import type { OrderRequest } from "../orders/order.ts";
import { until } from "./until.ts";

/** What became of a dispatcher that slept while it held the lock. */
export interface PausedDispatcher {
  /** From its pause until another one held the lock. */
  readonly takeoverMs: number;
  /** What the orders said to its late write: `stale-token`. */
  readonly lateWrite: string;
  /** Whether the other one's token is the greater one, and the courier is still the one that it sent. */
  readonly isFenced: boolean;
}

const POLL_MS = 50;
const TIMEOUT_MS = 60_000;

/**
 * Pauses the dispatcher that holds the lock until its lease is over and another one has sent a courier; then
 * it goes on, and sends one too, under the token that it had.
 */
export async function pauseDispatcher(
  cluster: Cluster,
  request: OrderRequest,
  place: (request: OrderRequest) => Promise<string>,
  clock: Clock,
): Promise<PausedDispatcher> {
  const before = await until(clock, "a dispatcher holds the lock", POLL_MS, () =>
    holderOf(cluster),
  );
  const pausedAtMs = clock.now();
  cluster.pause(before.holder);
  try {
    const orderId = await place({ ...request, delivery: true });
    const after = await until(clock, "another dispatcher holds the lock", POLL_MS, async () => {
      const holder = await holderOf(cluster);
      return holder && holder.token !== before.token ? holder : undefined;
    });
    const takeoverMs = clock.now() - pausedAtMs;
    const sent = await until(clock, "a courier is sent", POLL_MS, () =>
      cluster.deliveries.find(orderId),
    );
    const answer = cluster.dispatchBlindly(before.holder, orderId);
    cluster.resume(before.holder);
    const lateWrite = await answer;
    const delivery = await cluster.deliveries.find(orderId);
    const isSame = delivery?.courier === sent.courier && delivery.token === sent.token;
    return {
      takeoverMs,
      lateWrite,
      isFenced: isSame && BigInt(after.token) > BigInt(before.token),
    };
  } finally {
    cluster.resume(before.holder);
  }
}

async function holderOf(cluster: Cluster): Promise<LockHolder | undefined> {
  const locks = await cluster.locks();
  return locks.find(({ name }) => name === DISPATCH)?.holders[0];
}

/** How many orders still wait for a courier, once none is sent any more. */
export async function undelivered({ deliveries }: Cluster, clock: Clock): Promise<number> {
  const deadlineMs = clock.now() + TIMEOUT_MS;
  for (;;) {
    const waiting = await deliveries.countWaiting();
    if (waiting === 0 || clock.now() >= deadlineMs) return waiting;
    await pause(clock, POLL_MS, []);
  }
}
