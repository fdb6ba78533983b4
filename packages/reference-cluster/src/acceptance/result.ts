import Table from "cli-table3";
import pc from "picocolors";
import type { KilledRanker } from "./killed-ranker.ts";
import type { KilledStreamer } from "./killed-streamer.ts";
import type { PausedDispatcher } from "./paused-dispatcher.ts";

/** What an acceptance run found; the object that `--json` prints. */
export interface AcceptanceResult {
  readonly orders: number;
  readonly acknowledged: number;
  readonly rejected: number;
  readonly unknown: number;
  /** Answers that no gateway should give. */
  readonly errors: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Rejected, and there all the same. */
  readonly rejectedPresent: number;
  /** Whether all replicas of each shard have the same state, at the same index of its log. */
  readonly replicasAgree: boolean;
  /**
   * From each kill of a leader until every shard that it led has acknowledged an order that was sent
   * after it; null when one never did.
   */
  readonly failoverMs: readonly (number | null)[];
  /** How many order services were killed; none where there is only one. */
  readonly serviceKills: number;
  /**
   * From each of these kills until the gateway had taken the service out of its rotation; null when it
   * was back before that.
   */
  readonly serviceFailoverMs: readonly (number | null)[];
  /** How many attempts went to the dead service in that time. */
  readonly serviceFailoverPicks: readonly number[];
  /** Orders that were put under an id of their caller; the others are plain POSTs. */
  readonly idempotent: number;
  /** Of these, those whose caller saw anything but success. */
  readonly idempotentErrors: number;
  /** A dispatcher that was paused while it held the lock; null with fewer than two of them. */
  readonly pausedDispatcher: PausedDispatcher | null;
  /** A ranking of the merchants, one of whose workers was killed. */
  readonly killedRanker: KilledRanker;
  /** The counts of the streaming process, which was killed; null without one. */
  readonly live: KilledStreamer | null;
  /** Orders that no courier was sent to. */
  readonly undelivered: number;
  /** What the gateway sent a second time, and how often it ejected a service. */
  readonly retries: number;
  readonly ejections: number;
  readonly putsPerSecond: number;
  /** Of acknowledged orders, those that met a failover included. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What was found to be wrong, the first few in words. */
  readonly examples: readonly string[];
}

export function isPassed(result: AcceptanceResult): boolean {
  const { lost, duplicated, rejectedPresent, errors, idempotentErrors } = result;
  const { replicasAgree, failoverMs } = result;
  const { pausedDispatcher, undelivered, killedRanker, live } = result;
  const faults = lost + duplicated + rejectedPresent + errors + idempotentErrors + undelivered;
  const isServed = failoverMs.every((took) => took !== null);
  const areSame = killedRanker.isSame && (live === null || live.isSame);
  return faults === 0 && replicasAgree && isServed && isRefused(pausedDispatcher) && areSame;
}

function isRefused(paused: PausedDispatcher | null): boolean {
  return paused === null || (paused.isFenced && paused.lateWrite === "stale-token");
}

export function asJson(result: AcceptanceResult): string {
  return JSON.stringify(result, (_key, value: unknown) =>
    typeof value === "number" ? Math.round(value * 100) / 100 : value,
  );
}

export function asTable(result: AcceptanceResult): string {
  const table = new Table({ style: { head: [], border: [] } });
  const { failoverMs, serviceFailoverMs, errors, rejectedPresent } = result;
  table.push(
    ["orders", whole(result.orders)],
    ["acknowledged", whole(result.acknowledged)],
    ["rejected", whole(result.rejected)],
    ["unknown", whole(result.unknown)],
    ["lost", zero(result.lost)],
    ["duplicated", zero(result.duplicated)],
    ["replicas agree", result.replicasAgree ? pc.green("yes") : pc.red("no")],
    [
      "failover",
      failoverMs.map((ms) => (ms === null ? pc.red("never") : `${whole(ms)} ms`)).join(", "),
    ],
    ["services killed", whole(result.serviceKills)],
    [
      "got requests for",
      serviceFailoverMs.map((ms) => (ms === null ? "unnoticed" : `${whole(ms)} ms`)).join(", "),
    ],
    ["undelivered", zero(result.undelivered)],
    ["paused dispatcher", pausedInWords(result.pausedDispatcher)],
    ["ranking, a worker killed", rankingInWords(result.killedRanker)],
    ["live counts, killed", liveInWords(result.live)],
    ["errors on idempotent", zero(result.idempotentErrors)],
    ["retries, ejections", `${whole(result.retries)}, ${whole(result.ejections)}`],
    ["orders/s", whole(result.putsPerSecond)],
    ["latency p50, p99", `${result.p50Ms.toFixed(1)} ms, ${result.p99Ms.toFixed(1)} ms`],
  );
  if (rejectedPresent > 0) table.push(["rejected, but there", zero(rejectedPresent)]);
  if (errors > 0) table.push(["answers in error", zero(errors)]);
  const examples = [...result.examples, ...(result.live?.differences ?? [])];
  return [table.toString(), ...examples.map((example) => pc.red(example))].join("\n");
}

function pausedInWords(paused: PausedDispatcher | null): string {
  if (paused === null) return "none";
  const { takeoverMs, lateWrite } = paused;
  const write = isRefused(paused) ? pc.green("late write refused") : pc.red(lateWrite);
  return `taken over after ${whole(takeoverMs)} ms, ${write}`;
}

function rankingInWords({ reviews, merchants, tookMs, isSame }: KilledRanker): string {
  const verdict = isSame ? pc.green("as in memory") : pc.red("not as in memory");
  return `${whole(merchants)} merchants by ${whole(reviews)} reviews in ${whole(tookMs)} ms, ${verdict}`;
}

function liveInWords(live: KilledStreamer | null): string {
  if (live === null) return "none";
  const { orders, late, isSame } = live;
  const verdict = isSame ? pc.green("as acknowledged") : pc.red("not as acknowledged");
  return `${whole(orders)} orders, ${whole(late)} of them late, ${verdict}`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function zero(value: number): string {
  return value === 0 ? pc.green("0") : pc.red(whole(value));
}
