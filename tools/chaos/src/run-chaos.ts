import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKvClient } from "@quorate/kv";
import { type Random, seededRandom } from "@quorate/runtime";
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
import { createTcpTransport } from "@quorate/transport/tcp";
import type { Command, FaultName } from "./arguments.ts";
import { ChaosClient, type Inserted } from "./chaos-client.ts";
import { ChaosCluster, type Crash } from "./chaos-cluster.ts";
import { ALL_FAULTS } from "./faults/all-faults.ts";
import type { Fault } from "./faults/fault.ts";
import { readFinalState } from "./final-state.ts";
import { KeyRing } from "./key-ring.ts";
import { runNemesis } from "./nemesis.ts";
import { pause } from "./pause.ts";

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
  readonly effects: EffectsReport<string>;
  /** Nodes that died though no fault asked for it. */
  readonly crashes: readonly Crash[];
}

/**
 * Runs a cluster with clients under faults, and checks what they saw. When `signal` aborts, the rest
 * of the time is not waited for; what was seen until then is checked.
 */
export async function runChaos(
  command: Pick<Command, "minutes" | "nodes" | "faults" | "seed">,
  onFault: (name: FaultName) => void,
  signal: AbortSignal,
): Promise<ChaosResult> {
  const random = seededRandom(command.seed);
  const { able, skipped } = await sorted(command.faults);
  const folder = await mkdtemp(join(tmpdir(), "quorate-chaos-"));
  const clusterId = `chaos-${folder.slice(-6)}`;
  const cluster = await ChaosCluster.create(folder, command.nodes, clusterId);
  try {
    for (const fault of Object.values(able)) await fault.prepare?.(cluster);
    await cluster.start();
    await waitForLeader(cluster);
    const world = newWorld();
    const counts: Partial<Record<FaultName, number>> = {};
    const noted = (name: FaultName): void => {
      counts[name] = (counts[name] ?? 0) + 1;
      onFault(name);
    };
    const nemesis = { cluster, faults: able, random: random.fork("nemesis"), onFault: noted };
    const until = AbortSignal.any([signal, AbortSignal.timeout(command.minutes * 60_000)]);
    const clients = runClients(cluster, world, random, until);
    await Promise.all([
      runNemesis(nemesis, until),
      clients,
      pause(command.minutes * 60_000, until),
    ]);
    const found = await readFinalState(cluster, world.history);
    const history = world.history.operations;
    return {
      history,
      faults: counts,
      skipped,
      check: checkLinearizability(history, keyValueModel()),
      effects: checkEffects({ ...world.inserted, found }),
      crashes: cluster.crashes,
    };
  } finally {
    await cluster.stop();
    for (const fault of Object.values(able)) await fault.release?.();
    await rm(folder, { recursive: true, force: true });
  }
}

interface World {
  readonly keys: KeyRing;
  readonly history: History<KeyValueInput, KeyValueOutput>;
  readonly inserted: Inserted;
}

function newWorld(): World {
  return {
    keys: new KeyRing(KEYS, MAX_UNKNOWN_PER_KEY),
    history: new History(),
    inserted: { acknowledged: new Set(), rejected: new Set(), unknown: new Set() },
  };
}

async function runClients(
  { clusterId, addresses }: ChaosCluster,
  world: World,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const ids = Object.keys(addresses);
  const clients = Array.from({ length: CLIENTS }, (_, at) => {
    const name = `c${at + 1}`;
    const first = at % ids.length;
    // Each begins at another node, so that some ask one that is cut off.
    const nodes = [...ids.slice(first), ...ids.slice(0, first)];
    const options = { name, clusterId, addresses, nodes, pauseMs: PAUSE_MS };
    return new ChaosClient(options, { ...world, random: random.fork(name) });
  });
  await Promise.all(clients.map((client) => client.run(signal)));
}

async function sorted(names: readonly FaultName[]): Promise<{
  readonly able: Partial<Record<FaultName, Fault>>;
  readonly skipped: Partial<Record<FaultName, string>>;
}> {
  const able: Partial<Record<FaultName, Fault>> = {};
  const skipped: Partial<Record<FaultName, string>> = {};
  for (const name of names) {
    const reason = await ALL_FAULTS[name].unavailable();
    if (reason === undefined) able[name] = ALL_FAULTS[name];
    else skipped[name] = reason;
  }
  return { able, skipped };
}

async function waitForLeader({ clusterId, addresses }: ChaosCluster): Promise<void> {
  const transport = createTcpTransport({ nodeId: "starter", clusterId, peers: addresses });
  await transport.start();
  const kv = createKvClient({ nodes: Object.keys(addresses) }, { transport });
  try {
    await kv.get("a leader", { timeoutMs: START_TIMEOUT_MS });
  } finally {
    await kv.stop();
    await transport.stop();
  }
}
