import { AcquireTimeout, createLocks, type Locks, type LossCause } from "@quorate/distributed-lock";
import { createQuorateStore } from "@quorate/distributed-lock/quorate";
import { ALL_KEYS, type KvClient } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { CheckResult, MutexInput, MutexOutput, Operation } from "@quorate/simulation/checker";
import { KeyRing } from "../../../../packages/kv/sim/key-ring.ts";
import { withClient } from "../with-client.ts";
import { AskedWrites } from "./asked-writes.ts";
import { checkLocks } from "./check-locks.ts";
import { shortened } from "./check-watched.ts";
import { ClientLinks } from "./client-links.ts";
import { GUARDED_PREFIX } from "./fenced-write.ts";
import { LockClient, type LockCounts, type LockWorld, TTL_MS } from "./lock-client.ts";
import { LockHistory } from "./lock-history.ts";
import { noteUnavailable } from "./note-unavailable.ts";
import { PrefixWatcher } from "./prefix-watcher.ts";
import type { Workload, WorkloadWorld } from "./workload.ts";

const CLIENTS = 6;
const LOCKS = 3;
/** Losses and unknown outcomes of a lock after which clients take a fresh one. */
const MAX_UNKNOWN_PER_LOCK = 6;
const RECOVERY_TIMEOUT_MS = 60_000;
/** Once the cluster serves, every lock must be free within that: the holder is gone or has released it. */
const FREE_WITHIN_MS = TTL_MS + 8_000;

export interface LockResult extends Readonly<LockCounts> {
  readonly history: readonly Operation<MutexInput, MutexOutput>[];
  readonly losses: Readonly<Record<LossCause, number>>;
  readonly check: CheckResult<MutexInput, MutexOutput>;
  /** How long the last lock took to be had again in the end. Undefined: the cluster does not serve. */
  readonly freeAgainMs: number | undefined;
  readonly violations: readonly string[];
}

/** Clients that contend for mutexes, and write to what these protect, also when they have lost them. */
export class LockWorkload implements Workload<LockResult> {
  readonly #world: WorkloadWorld;
  readonly #shared: LockWorld;
  readonly #watcher: PrefixWatcher;

  constructor(world: WorkloadWorld) {
    const { cluster, now, onOperation } = world;
    this.#world = world;
    this.#shared = {
      clusterId: cluster.clusterId,
      locks: new KeyRing(LOCKS, MAX_UNKNOWN_PER_LOCK),
      history: new LockHistory(now, systemClock),
      writes: new AskedWrites(now),
      counts: { acquisitions: 0, timeouts: 0, accepted: 0, refused: 0, unknown: 0 },
      clock: systemClock,
      onOperation,
    };
    this.#watcher = new PrefixWatcher(cluster, "lock-watcher", GUARDED_PREFIX);
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#watcher.start();
    const { cluster, random } = this.#world;
    const running = Array.from({ length: CLIENTS }, async (_, at) => {
      const name = `l${at + 1}`;
      const links = await ClientLinks.listen(cluster.addresses);
      const options = { name, endsAbruptly: at % 2 === 0, random: random.fork(name) };
      await new LockClient(options, links, this.#shared).run(signal);
    });
    await Promise.all(running);
  }

  async finish(): Promise<LockResult> {
    const { cluster } = this.#world;
    const { history, writes, counts } = this.#shared;
    const end = await withClient(cluster, "final-locks", (kv) => this.#takeAll(kv)).catch(
      (error: unknown) => noteUnavailable(cluster, error),
    );
    if (end) await this.#watcher.catchUp(end.revision);
    const { operations } = history;
    const { puts: told, failure } = this.#watcher;
    // What it was not told it cannot have told wrongly: only what clients saw is checked then.
    const isTold = end && failure === undefined;
    const evidence = isTold ? { asked: writes.writes, told } : { asked: [], told: [] };
    const { check, violations } = checkLocks({ operations, ...evidence });
    const more = [...history.violations, ...(end?.violations ?? []), ...(failure ? [failure] : [])];
    return {
      ...counts,
      history: operations,
      losses: history.losses,
      check,
      freeAgainMs: end?.freeAgainMs,
      violations: shortened([...violations, ...more]),
    };
  }

  async stop(): Promise<void> {
    await this.#watcher.stop();
  }

  /** Every lock that there ever was: nobody holds any of them any more. */
  async #takeAll(kv: KvClient): Promise<{
    readonly revision: number;
    readonly freeAgainMs: number;
    readonly violations: readonly string[];
  }> {
    await kv.get("a leader", { timeoutMs: RECOVERY_TIMEOUT_MS });
    const names = new Set(this.#shared.history.operations.map(({ input }) => input.key));
    const locks = createLocks(createQuorateStore(kv), { ttlMs: TTL_MS });
    const beganAtMs = systemClock.now();
    const taken = await Promise.all([...names].map((name) => this.#take(locks, name)));
    const freeAgainMs = Math.round(systemClock.now() - beganAtMs);
    await locks.stop();
    const { revision } = await kv.range(ALL_KEYS, { countOnly: true });
    return { revision, freeAgainMs, violations: taken.filter((each) => each !== undefined) };
  }

  async #take(locks: Locks, name: string): Promise<string | undefined> {
    const { history } = this.#shared;
    const asked = history.asks(`final ${name}`, name);
    try {
      const held = await locks.mutex(name).acquire({ waitMs: FREE_WITHIN_MS });
      history.granted(asked, held);
      const release = history.releases(`final ${name}`, held);
      await held.release();
      if (release !== undefined) history.released(release);
      return undefined;
    } catch (error) {
      if (!(error instanceof AcquireTimeout)) throw error;
      history.notGranted(asked);
      return `${name}: not free within ${FREE_WITHIN_MS} ms of the end`;
    }
  }
}
