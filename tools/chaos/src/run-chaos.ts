import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Random, seededRandom, systemClock } from "@quorate/runtime";
import type { Command, FaultName } from "./arguments.ts";
import { ChaosCluster, type Crash } from "./chaos-cluster.ts";
import { ALL_FAULTS } from "./faults/all-faults.ts";
import type { Fault } from "./faults/fault.ts";
import { runNemesis } from "./nemesis.ts";
import type { Watcher } from "./progress.ts";
import { withClient } from "./with-client.ts";
import { type KvResult, KvWorkload } from "./workloads/kv-workload.ts";
import { type LockResult, LockWorkload } from "./workloads/lock-workload.ts";
import type { Workload, WorkloadWorld } from "./workloads/workload.ts";

const START_TIMEOUT_MS = 60_000;

export interface ChaosResult {
  /** How often each fault was injected. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  /** Faults that were asked for and not injected, and why. */
  readonly skipped: Readonly<Partial<Record<FaultName, string>>>;
  readonly crashes: readonly Crash[];
  /** Undefined where this workload was not asked for. */
  readonly kv: KvResult | undefined;
  /** As `kv`. */
  readonly lock: LockResult | undefined;
}

export interface ChaosDependencies {
  readonly watcher: Watcher;
  /** When it aborts, the rest of the time is not waited for; what was seen until then is checked. */
  readonly signal: AbortSignal;
  /** @default ALL_FAULTS */
  readonly faults?: Readonly<Record<FaultName, Fault>>;
  /** Where the folder of the nodes is made; it is removed afterwards. @default tmpdir() */
  readonly directory?: string;
}

/**
 * Runs a cluster with clients under faults, and checks what they saw.
 *
 * @throws {KvError} `unavailable`: the cluster did not come up. @throws the signal's reason, before.
 */
export async function runChaos(
  command: Omit<Command, "history" | "json">,
  { watcher, signal, faults: known = ALL_FAULTS, directory = tmpdir() }: ChaosDependencies,
): Promise<ChaosResult> {
  const { able, skipped } = await sorted(command.faults, known);
  const folder = await mkdtemp(join(directory, "quorate-chaos-"));
  const clusterId = `chaos-${folder.slice(-6)}`;
  const { nodes, consensus, seed } = command;
  const cluster = await ChaosCluster.create({ clusterId, consensus, nodes, folder });
  const release = (): void => {
    for (const fault of Object.values(able)) cluster.nodes.forEach((node) => fault.release?.(node));
  };
  process.on("exit", release);
  const random = seededRandom(seed);
  const workloads = workloadsOf(command.workloads, { cluster, random, watcher });
  try {
    watcher.onPhase(`${nodes} nodes start`);
    for (const fault of Object.values(able)) {
      await Promise.all(cluster.nodes.map(async (node) => fault.prepare?.(node)));
    }
    await cluster.start();
    const timeoutMs = START_TIMEOUT_MS;
    await withClient(cluster, "starter", (kv) => kv.get("a leader", { timeoutMs, signal }));
    const world = { cluster, random, watcher, workloads: Object.values(workloads) };
    const faults = await injectFaults(able, world, command.minutes, signal);
    watcher.onPhase("all is healed; what is there is read, and checked");
    const [kv, lock] = [await workloads.kv?.finish(), await workloads.lock?.finish()];
    return { faults, skipped, crashes: cluster.crashes, kv, lock };
  } finally {
    await Promise.all(Object.values(workloads).map((workload) => workload.stop()));
    await cluster.stop();
    release();
    process.off("exit", release);
    await rm(folder, { recursive: true, force: true });
  }
}

interface World {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  readonly watcher: Watcher;
}

function workloadsOf(
  names: Command["workloads"],
  { cluster, random, watcher }: World,
): { readonly kv?: KvWorkload; readonly lock?: LockWorkload } {
  let sequence = 0;
  const onOperation = (): void => watcher.onOperation();
  const world: WorkloadWorld = { cluster, random, now: () => sequence++, onOperation };
  return {
    ...(names.includes("kv") && { kv: new KvWorkload(world) }),
    ...(names.includes("lock") && { lock: new LockWorkload(world) }),
  };
}

/** Workloads and the nemesis at once, until the time is up; returns how often each fault was. */
async function injectFaults(
  faults: Partial<Record<FaultName, Fault>>,
  { cluster, random, watcher, workloads }: World & { workloads: readonly Workload<unknown>[] },
  minutes: number,
  signal: AbortSignal,
): Promise<ChaosResult["faults"]> {
  const counts: Partial<Record<FaultName, number>> = {};
  const onFault = (name: FaultName): void => {
    counts[name] = (counts[name] ?? 0) + 1;
    watcher.onFault(name);
  };
  // Not AbortSignal.timeout in AbortSignal.any: Node 20 may collect that as garbage before it fires.
  const over = new AbortController();
  setMaxListeners(0, over.signal); // each client waits for it
  const end = (): void => over.abort();
  const timer = systemClock.setTimer(minutes * 60_000, end);
  signal.addEventListener("abort", end);
  const nemesis = { cluster, faults, random: random.fork("nemesis"), onFault };
  const running = [
    runNemesis(nemesis, over.signal),
    ...workloads.map((workload) => workload.run(over.signal)),
  ];
  try {
    await Promise.all(running);
  } finally {
    end(); // for the others, when one has failed
    timer.cancel();
    signal.removeEventListener("abort", end);
    await Promise.allSettled(running);
  }
  return counts;
}

async function sorted(
  names: readonly FaultName[],
  known: Readonly<Record<FaultName, Fault>>,
): Promise<{
  readonly able: Partial<Record<FaultName, Fault>>;
  readonly skipped: Partial<Record<FaultName, string>>;
}> {
  const able: Partial<Record<FaultName, Fault>> = {};
  const skipped: Partial<Record<FaultName, string>> = {};
  for (const name of names) {
    const fault = known[name];
    const reason = await fault.unavailable();
    if (reason === undefined) able[name] = fault;
    else skipped[name] = reason;
  }
  return { able, skipped };
}
