import { randomUUID } from "node:crypto";
import { KvError } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isAgreed, isCaughtUp, isWhole, waitForStatus } from "../cluster/wait-for-status.ts";
import { LatencyRecorder } from "../gateway/latency-recorder.ts";
import { HttpCaller } from "../load/http-caller.ts";
import type { OrderRequest } from "../orders/order.ts";
import { type Book, type BookEntry, count } from "./book.ts";
import { check, type Holdings } from "./check.ts";
import { Failovers } from "./failovers.ts";
import { placeOrders } from "./place-orders.ts";
import type { AcceptanceResult } from "./result.ts";

type LoadedOrder = BookEntry["request"];

/** How long killed nodes may take to come back, and replicas to catch up. */
const RECOVERY_TIMEOUT_MS = 60_000;

/**
 * Places orders from `callers` at a time, kills the node that leads the most shards after one third and
 * after two thirds of them, and then holds the cluster to everything it said.
 *
 * @throws {ClusterError} `not-ready` when the cluster does not become whole again.
 */
export async function acceptanceRun(
  cluster: Cluster,
  requests: readonly OrderRequest[],
  callers: number,
  progress: (placed: number) => void,
): Promise<AcceptanceResult> {
  const clock = systemClock;
  const caller = new HttpCaller(cluster.url, callers, clock);
  const failovers = new Failovers((id) => cluster.orders.shardOf(id));
  const latencies = new LatencyRecorder();
  const book: BookEntry[] = [];

  const startedAtMs = clock.now();
  const source = withKills(cluster, loaded(requests), callers, (led) =>
    failovers.killed(clock.now(), led),
  );
  await placeOrders(source, callers, async (request) => {
    const call = await caller.place(request);
    failovers.called(call);
    if (call.outcome.kind === "acknowledged") latencies.record(call.endedAtMs - call.sentAtMs);
    book.push({ request, outcome: call.outcome });
    progress(book.length);
  });
  const seconds = (clock.now() - startedAtMs) / 1_000;
  await caller[Symbol.asyncDispose]();
  await Promise.all(failovers.waiting.map((shard) => askShard(cluster, shard, failovers)));

  return {
    ...summary(book),
    ...(await verdict(cluster, book)),
    failoverMs: failovers.tookMs,
    putsPerSecond: count(book, "acknowledged") / seconds,
    p50Ms: latencies.p50Ms,
    p99Ms: latencies.p99Ms,
  };
}

/** Each with a name of its own, by which it is found again. */
function loaded(requests: readonly OrderRequest[]): LoadedOrder[] {
  const run = randomUUID();
  return requests.map((request, at) => ({ ...request, reference: `${run}/${at}` }));
}

/** The orders in turn; on the way a leader is killed twice, with `callers` orders under way. */
async function* withKills(
  cluster: Cluster,
  orders: readonly LoadedOrder[],
  callers: number,
  killed: (led: readonly string[]) => void,
): AsyncGenerator<LoadedOrder> {
  const kills = [1, 2].map((third) => Math.floor((orders.length * third) / 3));
  const lead = Math.min(callers, kills[0]!);
  let before: ClusterStatus | undefined;
  for (const [at, order] of orders.entries()) {
    if (kills.includes(at + lead)) before = await whole(cluster);
    if (before && kills.includes(at)) {
      const { leader, shards } = before;
      cluster.kill(leader!);
      killed(shards.filter((shard) => shard.leader === leader).map(({ name }) => name));
    }
    yield order;
  }
}

/** In a short run no order may have come to a shard after the kill: then a read tells. */
async function askShard({ orders }: Cluster, shard: string, failovers: Failovers): Promise<void> {
  const sentAtMs = systemClock.now();
  let at = 0;
  while (orders.shardOf(`probe-${at}`) !== shard) at++;
  try {
    await orders.find(`probe-${at}`);
    failovers.served(shard, sentAtMs, systemClock.now());
  } catch (error) {
    if (!(error instanceof KvError)) throw error; // else it does not serve, and the result says so
  }
}

function whole(cluster: Cluster): ReturnType<Cluster["status"]> {
  return waitForStatus(cluster, "all nodes are up", isWhole, RECOVERY_TIMEOUT_MS);
}

function summary(book: Book) {
  return {
    orders: book.length,
    acknowledged: count(book, "acknowledged"),
    rejected: count(book, "rejected"),
    unknown: count(book, "unknown"),
    errors: count(book, "failed"),
  };
}

async function verdict(cluster: Cluster, book: Book) {
  const goal = "all replicas have applied the same";
  const status = await waitForStatus(cluster, goal, isCaughtUp, RECOVERY_TIMEOUT_MS);
  return { ...check(book, await holdings(cluster)), replicasAgree: isAgreed(status) };
}

async function holdings({ orders }: Cluster): Promise<Holdings> {
  const listed = new Set<string>();
  for await (const entry of orders.listed()) listed.add(entry);
  const found = [];
  for await (const order of orders.all()) found.push(order);
  return { orders: found, listed };
}
