import type { LossCause } from "@quorate/distributed-lock";
import type { CheckResult } from "@quorate/simulation/checker";
import type { ChaosResult } from "./run-chaos.ts";
import type { KvResult, WatchResult } from "./workloads/kv-workload.ts";
import type { LeasesResult } from "./workloads/lease-holders.ts";
import type { LockResult } from "./workloads/lock-workload.ts";

/** What is printed of the workload `kv`. */
export interface KvReport {
  readonly operations: number;
  readonly acknowledged: number;
  /** Operations that never returned: they may have taken effect. */
  readonly unknown: number;
  /** `null`: the checker met a bound, and does not know. */
  readonly linearizable: boolean | null;
  /** Acknowledged writes that are not there in the end; `null`: it could not be read. */
  readonly lost: number | null;
  /** Writes that took effect more than once. */
  readonly duplicated: number | null;
  /** Keys that are there though their write was rejected. */
  readonly unexpected: number | null;
  /** `null`: the healed cluster does not serve. */
  readonly watch: WatchResult | null;
  readonly leases: LeasesResult;
}

/** What is printed of the workload `lock`. */
export interface LockReport {
  readonly acquisitions: number;
  /** Waits that were given up. */
  readonly timeouts: number;
  readonly losses: Readonly<Record<LossCause, number>>;
  /** Under a lock, and accepted. */
  readonly writes: number;
  /** Of holders that had lost the lock to one who has written since. */
  readonly refusedLateWrites: number;
  readonly unknownWrites: number;
  /** As of the workload `kv`, of a mutex with tokens. */
  readonly linearizable: boolean | null;
  /** Milliseconds until each lock was had again in the end; `null`: the healed cluster does not serve. */
  readonly freeAgainMs: number | null;
  readonly violations: readonly string[];
}

/** What is printed of a run: of the workload `kv` without a name, of the others under their own. */
export interface Report extends Partial<KvReport> {
  readonly seed: number;
  readonly faults: ChaosResult["faults"];
  readonly lock?: LockReport;
  readonly crashes: ChaosResult["crashes"];
  readonly skipped: ChaosResult["skipped"];
}

export function reportOf(seed: number, result: ChaosResult): Report {
  const { faults, kv, lock, crashes, skipped } = result;
  return {
    seed,
    ...(kv && ofKv(kv)),
    ...(lock && { lock: ofLock(lock) }),
    faults,
    crashes,
    skipped,
  };
}

/** Whether the run shows nothing wrong. What could not be decided is not shown to be right. */
export function isGood(result: ChaosResult): boolean {
  const { kv, lock, crashes } = result;
  const isFine = [kv && isGoodKv(ofKv(kv)), lock && isGoodLock(ofLock(lock))];
  return crashes.length === 0 && isFine.every((each) => each !== false);
}

function ofKv({ history, check, effects, watch, leases }: KvResult): KvReport {
  const unknown = history.filter((operation) => operation.return === null).length;
  return {
    operations: history.length,
    acknowledged: history.length - unknown,
    unknown,
    linearizable: isLinearizable(check),
    lost: effects?.lost.length ?? null,
    duplicated: effects?.duplicated.length ?? null,
    unexpected: effects?.unexpected.length ?? null,
    watch: watch ?? null,
    leases,
  };
}

function ofLock(result: LockResult): LockReport {
  const { acquisitions, timeouts, losses, accepted, refused, unknown, violations } = result;
  return {
    acquisitions,
    timeouts,
    losses,
    writes: accepted,
    refusedLateWrites: refused,
    unknownWrites: unknown,
    linearizable: isLinearizable(result.check),
    freeAgainMs: result.freeAgainMs ?? null,
    violations,
  };
}

function isGoodKv(report: KvReport): boolean {
  const { linearizable, lost, duplicated, unexpected, watch, leases } = report;
  const isWatched = watch !== null && watch.violations.length === 0;
  const isNothing = [lost, duplicated, unexpected].every((count) => count === 0);
  return linearizable === true && isNothing && isWatched && leases.violations.length === 0;
}

function isGoodLock({ linearizable, freeAgainMs, violations }: LockReport): boolean {
  return linearizable === true && freeAgainMs !== null && violations.length === 0;
}

function isLinearizable({ kind }: Pick<CheckResult, "kind">): boolean | null {
  return kind === "undecided" ? null : kind === "linearizable";
}
