import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KvError } from "@quorate/kv";
import { type Random, seededRandom, systemClock } from "@quorate/runtime";
import {
  checkEffects,
  checkLinearizability,
  type CheckResult,
  type EffectsReport,
  History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
  type Operation,
} from "@quorate/simulation/checker";
import { KeyRing } from "../../../packages/kv/sim/key-ring.ts";
import type { Command, FaultName } from "./arguments.ts";
import { ChaosClient, type ChaosClientDependencies, type Inserted } from "./chaos-client.ts";
import { ChaosCluster, type Crash } from "./chaos-cluster.ts";
import { ALL_FAULTS } from "./faults/all-faults.ts";
import type { Fault } from "./faults/fault.ts";
import { readFinalState } from "./final-state.ts";
import { runNemesis } from "./nemesis.ts";
import type { Watcher } from "./progress.ts";
import { withClient } from "./with-client.ts";

const CLIENTS = 6;
/** With the clients above, some two hundred operations a second. */
const PAUSE_MS = 25;
const KEYS = 5;
const MAX_UNKNOWN_PER_KEY = 6;
const START_TIMEOUT_MS = 60_000;

export interface ChaosResult {
  readonly history: readonly Operation<KeyValueInput, KeyValueOutput>[];
  /** How often each fault was injected. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  /** Faults that were asked for and not injected, and why. */
  readonly skipped: Readonly<Partial<Record<FaultName, string>>>;
  readonly check: CheckResult<KeyValueInput, KeyValueOutput>;
  /** Undefined: the healed cluster did not serve again, so nobody knows. */
  readonly effects: EffectsReport<string> | undefined;
  readonly crashes: readonly Crash[];
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
  command: Pick<Command, "minutes" | "nodes" | "consensus" | "faults" | "seed">,
  { watcher, signal, faults: known = ALL_FAULTS, directory = tmpdir() }: ChaosDependencies,
): Promise<ChaosResult> {
  const { able, skipped } = await sorted(command.faults, known);
  const folder = await mkdtemp(join(directory, "quorate-chaos-"));
  const clusterId = `chaos-${folder.slice(-6)}`;
  const { nodes, consensus } = command;
  const cluster = await ChaosCluster.create({ clusterId, consensus, nodes, folder });
  const release = (): void => {
    for (const fault of Object.values(able)) cluster.nodes.forEach((node) => fault.release?.(node));
  };
  process.on("exit", release);
  try {
    watcher.onPhase(`${nodes} nodes start`);
    for (const fault of Object.values(able)) {
      await Promise.all(cluster.nodes.map(async (node) => fault.prepare?.(node)));
    }
    await cluster.start();
    const timeoutMs = START_TIMEOUT_MS;
    await withClient(cluster, "starter", (kv) => kv.get("a leader", { timeoutMs, signal }));
    const world = newWorld(watcher);
    const faults = await injectFaults(cluster, able, world, command, signal);
    watcher.onPhase("all is healed; what is there is read");
    const found = await withClient(cluster, "final", (kv) =>
      readFinalState(kv, world.history),
    ).catch((error: unknown) => noteUnavailable(cluster, error));
    const history = world.history.operations;
    watcher.onPhase(`${history.length} operations are checked`);
    return {
      history,
      faults,
      skipped,
      check: checkLinearizability(history, keyValueModel()),
      effects: found && checkEffects({ ...world.inserted, found }),
      crashes: cluster.crashes,
    };
  } finally {
    await cluster.stop();
    release();
    process.off("exit", release);
    await rm(folder, { recursive: true, force: true });
  }
}

type World = Omit<ChaosClientDependencies, "random"> & { readonly watcher: Watcher };

function newWorld(watcher: Watcher): World {
  const inserted: Inserted = { acknowledged: new Set(), rejected: new Set(), unknown: new Set() };
  return {
    keys: new KeyRing(KEYS, MAX_UNKNOWN_PER_KEY),
    history: new History(),
    inserted,
    watcher,
    onOperation: () => watcher.onOperation(),
  };
}

/** Clients and the nemesis at once, until the time is up; returns how often each fault was. */
async function injectFaults(
  cluster: ChaosCluster,
  faults: Partial<Record<FaultName, Fault>>,
  world: World,
  { minutes, seed }: Pick<Command, "minutes" | "seed">,
  signal: AbortSignal,
): Promise<ChaosResult["faults"]> {
  const random = seededRandom(seed);
  const counts: Partial<Record<FaultName, number>> = {};
  const onFault = (name: FaultName): void => {
    counts[name] = (counts[name] ?? 0) + 1;
    world.watcher.onFault(name);
  };
  // Not AbortSignal.timeout in AbortSignal.any: Node 20 may collect that as garbage before it fires.
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = systemClock.setTimer(minutes * 60_000, end);
  signal.addEventListener("abort", end);
  const nemesis = { cluster, faults, random: random.fork("nemesis"), onFault };
  const running = [
    runNemesis(nemesis, over.signal),
    ...clientsOf(cluster, world, random).map((client) => client.run(over.signal)),
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

function clientsOf(
  { clusterId, addresses }: ChaosCluster,
  world: World,
  random: Random,
): ChaosClient[] {
  const ids = Object.keys(addresses);
  return Array.from({ length: CLIENTS }, (_, at) => {
    const name = `c${at + 1}`;
    const first = at % ids.length;
    // Each begins at another node, so that some ask one that is cut off.
    const nodes = [...ids.slice(first), ...ids.slice(0, first)];
    const options = { name, clusterId, addresses, nodes, pauseMs: PAUSE_MS };
    return new ChaosClient(options, { ...world, random: random.fork(name) });
  });
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

function noteUnavailable(cluster: ChaosCluster, error: unknown): undefined {
  if (!(error instanceof KvError)) throw error;
  const reason = `the healed cluster does not serve: ${error.message}`;
  cluster.crashes.push({ node: "all", reason });
}
