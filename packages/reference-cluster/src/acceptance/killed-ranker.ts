import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@quorate/runtime";
import type { Cluster } from "../cluster/cluster.ts";
import type { HttpCaller } from "../load/http-caller.ts";
import { rankInMemory } from "../ranking/rank-in-memory.ts";
import { generateReviews } from "../reviews/review-generator.ts";
import { placeOrders } from "./place-orders.ts";
import { until } from "./until.ts";

/** What became of a ranking one of whose workers was killed in the middle. */
export interface KilledRanker {
  readonly reviews: number;
  readonly merchants: number;
  readonly tookMs: number;
  /** Whether it is what the same reviews come to in one process, to the last digit. */
  readonly isSame: boolean;
}

/** Often enough to see a task before it is done. */
const POLL_MS = 2;

/** Reviews these orders, and ranks their merchants on workers of which one is killed at its work. */
export async function rankWithKill(
  cluster: Cluster,
  caller: HttpCaller,
  orderIds: readonly string[],
  callers: number,
  clock: Clock,
): Promise<KilledRanker> {
  const reviews = generateReviews("acceptance");
  await placeOrders(each(orderIds), callers, async (id) => {
    await caller.review(id, reviews.next().value);
  });
  const startedAtMs = clock.now();
  const ranking = await cluster.rank();
  ranking.kill(await until(clock, "a worker has a task", POLL_MS, () => ranking.busy()[0]));
  const merchants = await ranking.result;
  const tookMs = clock.now() - startedAtMs;
  const expected = await rankInMemory(cluster.reviews.all());
  const count = merchants.reduce((sum, merchant) => sum + merchant.reviews, 0);
  const isSame = isDeepStrictEqual(merchants, expected);
  return { reviews: count, merchants: merchants.length, tookMs, isSame };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
