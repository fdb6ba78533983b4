import { ALL_KEYS } from "@quorate/kv";
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
import { KeyRing } from "../../../../packages/kv/sim/key-ring.ts";
import { ChaosClient, type Inserted, ONCE_PREFIX } from "../chaos-client.ts";
import { readFinalState } from "../final-state.ts";
import { withClient } from "../with-client.ts";
import { type AskedWrite, checkWatched } from "./check-watched.ts";
import { LeaseHolders, type LeasesResult } from "./lease-holders.ts";
import { noteUnavailable } from "./note-unavailable.ts";
import { PrefixWatcher } from "./prefix-watcher.ts";
import type { Workload, WorkloadWorld } from "./workload.ts";

const CLIENTS = 6;
/** With the clients above, some two hundred operations a second. */
const PAUSE_MS = 25;
const KEYS = 5;
const MAX_UNKNOWN_PER_KEY = 6;

/** What a watch of the keys that are written once was told. */
export interface WatchResult {
  readonly told: number;
  readonly resumed: number;
  readonly violations: readonly string[];
}

export interface KvResult {
  readonly history: readonly Operation<KeyValueInput, KeyValueOutput>[];
  readonly check: CheckResult<KeyValueInput, KeyValueOutput>;
  /** Undefined: the healed cluster did not serve again, so nobody knows. */
  readonly effects: EffectsReport<string> | undefined;
  /** As `effects`. */
  readonly watch: WatchResult | undefined;
  readonly leases: LeasesResult;
}

/** Clients that read and write keys which they share, one that watches, one that holds leases. */
export class KvWorkload implements Workload<KvResult> {
  readonly #world: WorkloadWorld;
  readonly #history: History<KeyValueInput, KeyValueOutput>;
  readonly #inserted: Inserted = {
    acknowledged: new Set(),
    rejected: new Set(),
    unknown: new Set(),
  };
  readonly #watcher: PrefixWatcher;
  readonly #leases: LeaseHolders;

  constructor(world: WorkloadWorld) {
    this.#world = world;
    this.#history = new History({}, { now: world.now });
    this.#watcher = new PrefixWatcher(world.cluster, "watcher", ONCE_PREFIX);
    this.#leases = new LeaseHolders(world.random.fork("leases"));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cluster } = this.#world;
    this.#watcher.start();
    const clients = this.#clients().map((client) => client.run(signal));
    const leases = withClient(cluster, "leases", (kv) => this.#leases.run(kv, signal));
    await Promise.all([...clients, leases]);
  }

  async finish(): Promise<KvResult> {
    const { cluster } = this.#world;
    const found = await withClient(cluster, "final", async (kv) => {
      const names = await readFinalState(kv, this.#history);
      const { revision } = await kv.range(ALL_KEYS, { countOnly: true });
      return { names, revision };
    }).catch((error: unknown) => noteUnavailable(cluster, error));
    if (found) await this.#watcher.catchUp(found.revision);
    const history = this.#history.operations;
    return {
      history,
      check: checkLinearizability(history, keyValueModel()),
      effects: found && checkEffects({ ...this.#inserted, found: found.names }),
      watch: found && this.#watchResult(history),
      leases: this.#leases.result,
    };
  }

  async stop(): Promise<void> {
    await this.#watcher.stop();
  }

  #clients(): ChaosClient[] {
    const { cluster, random, onOperation } = this.#world;
    const { clusterId, addresses } = cluster;
    const ids = Object.keys(addresses);
    const keys = new KeyRing(KEYS, MAX_UNKNOWN_PER_KEY);
    const [history, inserted] = [this.#history, this.#inserted];
    return Array.from({ length: CLIENTS }, (_, at) => {
      const name = `c${at + 1}`;
      const first = at % ids.length;
      // Each begins at another node, so that some ask one that is cut off.
      const nodes = [...ids.slice(first), ...ids.slice(0, first)];
      const options = { name, clusterId, addresses, nodes, pauseMs: PAUSE_MS };
      const dependencies = { keys, history, inserted, onOperation, random: random.fork(name) };
      return new ChaosClient(options, dependencies);
    });
  }

  #watchResult(history: KvResult["history"]): WatchResult {
    const { puts, resumed, failure } = this.#watcher;
    const asked = history
      .filter(({ input }) => input.op === "put" && input.key.startsWith(ONCE_PREFIX))
      .map(({ input, call, return: returned }): AskedWrite => {
        return { name: input.key, call, return: returned };
      });
    const told = puts.map(({ key, revision }) => ({ name: key, revision }));
    const violations = failure ? [failure] : checkWatched(asked, told);
    return { told: told.length, resumed, violations };
  }
}
