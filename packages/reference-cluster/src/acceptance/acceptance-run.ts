import { randomUUID } from "node:crypto";
import { KvError } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import { v7 as timeOrderedUuid } from "uuid";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isAgreed, isCaughtUp, isWhole, waitForStatus } from "../cluster/wait-for-status.ts";
import { LatencyRecorder } from "../gateway/latency-recorder.ts";
import { HttpCaller } from "../load/http-caller.ts";
import type { StoredOrder } from "../orders/order-shard.ts";
import type { OrderRequest } from "../orders/order.ts";
import { type Book, type BookEntry, count } from "./book.ts";
import { check, type Holdings } from "./check.ts";
import { Failovers } from "./failovers.ts";
import { rankWithKill } from "./killed-ranker.ts";
import { countedOrders, killStreamer, streamerVerdict } from "./killed-streamer.ts";
import { pauseDispatcher, undelivered } from "./paused-dispatcher.ts";
import { placeOrders } from "./place-orders.ts";
import type { AcceptanceResult } from "./result.ts";
import { ServiceFailovers } from "./service-failovers.ts";

/** An order with a name of its own; with an `id`, it is put under that, else posted. */
interface LoadedOrder {
  readonly request: BookEntry["request"];
  readonly id?: string;
}

/** Every so many-th order is brought by a courier. */
const DELIVERY_EVERY = 20;
/** So many orders are reviewed, for the ranking of the merchants. */
const MAX_REVIEWS = 1_000;
/** Every so many-th order is a plain POST: not retried, so that one applied twice would show. */
const POST_EVERY = 4;
/** How long killed nodes may take to come back, and replicas to catch up. */
const RECOVERY_TIMEOUT_MS = 60_000;

/**
 * Places orders from `callers` at a time, kills the node that leads the most shards after a quarter and
 * after three quarters of them, an order service half-way, and the streaming process in between, and then
 * holds the cluster to everything it said.
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
  const serviceFailovers = new ServiceFailovers(cluster, clock);
  const latencies = new LatencyRecorder();
  const book: BookEntry[] = [];

  const counted = await countedOrders(cluster, clock);
  const startedAtMs = clock.now();
  const source = withKills(cluster, loaded(requests), callers, {
    killLeader: ({ leader, shards }) => {
      cluster.kill(leader!);
      const led = shards.filter((shard) => shard.leader === leader);
      failovers.killed(
        clock.now(),
        led.map(({ name }) => name),
      );
    },
    killService: ({ services }) => {
      const busiest = services.toSorted((a, b) => b.picks - a.picks)[0]!;
      if (services.length > 1) serviceFailovers.kill(busiest.id);
    },
    killStreamer: async () => {
      if (counted !== undefined) await killStreamer(cluster, counted, clock);
    },
  });
  await placeOrders(source, callers, async ({ request, id }) => {
    const call = await caller.place(request, id);
    failovers.called(call);
    if (call.outcome.kind === "acknowledged") latencies.record(call.endedAtMs - call.sentAtMs);
    book.push({ request, isIdempotent: id !== undefined, outcome: call.outcome });
    progress(book.length);
  });
  const seconds = (clock.now() - startedAtMs) / 1_000;
  await Promise.all(failovers.waiting.map((shard) => askShard(cluster, shard, failovers)));

  const dispatch = await dispatchVerdict(cluster, caller, requests[0]!);
  const acknowledged = book.flatMap(({ outcome }) =>
    outcome.kind === "acknowledged" ? [outcome.id] : [],
  );
  const toReview = acknowledged.slice(0, MAX_REVIEWS);
  const killedRanker = await rankWithKill(cluster, caller, toReview, callers, clock);
  await caller[Symbol.asyncDispose]();
  const verdictOfAll = await verdict(cluster, book);
  const stored = async (): Promise<readonly StoredOrder[]> => (await holdings(cluster)).orders;
  const live =
    counted === undefined ? null : await streamerVerdict(cluster, book, 1, stored, clock);
  serviceFailovers.stop();
  const sum = (field: "retries" | "ejections"): number =>
    cluster.services().reduce((total, service) => total + service[field], 0);
  return {
    ...summary(book),
    ...verdictOfAll,
    ...dispatch,
    killedRanker,
    live,
    failoverMs: failovers.tookMs,
    serviceKills: serviceFailovers.kills,
    serviceFailoverMs: serviceFailovers.tookMs,
    serviceFailoverPicks: serviceFailovers.picksMeanwhile,
    retries: sum("retries"),
    ejections: sum("ejections"),
    putsPerSecond: count(book, "acknowledged") / seconds,
    p50Ms: latencies.p50Ms,
    p99Ms: latencies.p99Ms,
  };
}

/** Each with a name of its own, by which it is found again. */
function loaded(requests: readonly OrderRequest[]): LoadedOrder[] {
  const run = randomUUID();
  return requests.map((request, at) => {
    const delivery = at % DELIVERY_EVERY === 0 && { delivery: true };
    const named = { ...request, ...delivery, reference: `${run}/${at}` };
    return at % POST_EVERY === 0 ? { request: named } : { request: named, id: timeOrderedUuid() };
  });
}

interface Kills {
  readonly killLeader: (before: ClusterStatus) => void;
  readonly killService: (before: ClusterStatus) => void;
  /** In the middle of its work: may wait until it has done some. */
  readonly killStreamer: () => Promise<void>;
}

/** The orders in turn; on the way there are four kills, with `callers` orders under way. */
async function* withKills(
  cluster: Cluster,
  orders: readonly LoadedOrder[],
  callers: number,
  { killLeader, killService, killStreamer: killCounting }: Kills,
): AsyncGenerator<LoadedOrder> {
  const [first, second, third] = [1 / 4, 1 / 2, 3 / 4].map((part) =>
    Math.floor(orders.length * part),
  ) as [number, number, number];
  const betweenKills = Math.floor((second + third) / 2);
  const kills = new Map([
    [first, killLeader],
    [second, killService],
    [third, killLeader],
  ]);
  // One death at a time: what was killed is back before the next one is chosen.
  const lead = Math.min(callers, second - first - 1, third - second - 1);
  let before: ClusterStatus | undefined;
  for (const [at, order] of orders.entries()) {
    if (kills.has(at + lead)) before = await whole(cluster);
    if (before) kills.get(at)?.(before);
    if (at === betweenKills) await killCounting();
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
  return waitForStatus(cluster, "all nodes and services are up", isWhole, RECOVERY_TIMEOUT_MS);
}

function summary(book: Book) {
  return {
    orders: book.length,
    acknowledged: count(book, "acknowledged"),
    rejected: count(book, "rejected"),
    unknown: count(book, "unknown"),
    errors: count(book, "failed"),
    ...idempotency(book),
  };
}

function idempotency(book: Book) {
  const idempotent = book.filter(({ isIdempotent }) => isIdempotent);
  const idempotentErrors = idempotent.length - count(idempotent, "acknowledged");
  return { idempotent: idempotent.length, idempotentErrors };
}

async function verdict(cluster: Cluster, book: Book) {
  const goal = "all replicas have applied the same";
  const status = await waitForStatus(cluster, goal, isCaughtUp, RECOVERY_TIMEOUT_MS);
  return { ...check(book, await holdings(cluster)), replicasAgree: isAgreed(status) };
}

/** Pauses a dispatcher, if another one can take over, and then waits until all couriers are sent. */
async function dispatchVerdict(cluster: Cluster, caller: HttpCaller, request: OrderRequest) {
  const place = async (order: OrderRequest): Promise<string> => {
    const id = timeOrderedUuid();
    const { outcome } = await caller.place(order, id);
    if (outcome.kind === "acknowledged") return id;
    throw new ClusterError("not-ready", `an order to deliver was not placed: ${outcome.reason}`);
  };
  const canTakeOver = cluster.dispatcherIds.length > 1;
  const paused = canTakeOver ? await pauseDispatcher(cluster, request, place, systemClock) : null;
  const isUsed = cluster.dispatcherIds.length > 0;
  return {
    pausedDispatcher: paused,
    undelivered: isUsed ? await undelivered(cluster, systemClock) : 0,
  };
}

async function holdings({ orders }: Cluster): Promise<Holdings> {
  const listed = new Set<string>();
  for await (const entry of orders.listed()) listed.add(entry);
  const found = [];
  for await (const order of orders.all()) found.push(order);
  return { orders: found, listed };
}
