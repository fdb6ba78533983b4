import {
  type KvClient,
  KvError,
  type KvWatch,
  utf8,
  type WatchBatch,
  withPrefix,
} from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { ChaosCluster } from "../chaos-cluster.ts";
import { withClient } from "../with-client.ts";

/** After so many batches it is left, and goes on in another watch: so that is tried without faults too. */
const BATCHES_A_WATCH = 200;
const PROGRESS_MS = 1_000;
/** How long it may take to be told the rest, once the cluster serves again. */
const CATCH_UP_TIMEOUT_MS = 60_000;

/** A put that a watch told of. */
export interface ToldPut {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** Watches all that is put below a prefix, from the store's beginning on, across all faults. */
export class PrefixWatcher {
  readonly puts: ToldPut[] = [];
  readonly #prefix: string;
  readonly #client: (use: (kv: KvClient) => Promise<void>) => Promise<void>;
  readonly #stopping = new AbortController();
  #watches = 0;
  #failure: string | undefined;
  /** Everything up to this revision was told. */
  #covered = 0;
  #until = Infinity;
  /** Of the revision after it, of which more will come. */
  #fragment: WatchBatch["events"] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(
    cluster: Pick<ChaosCluster, "clusterId" | "addresses">,
    name: string,
    prefix: string,
  ) {
    this.#prefix = prefix;
    const options = { watchProgressMs: PROGRESS_MS };
    this.#client = (use) => withClient(cluster, name, use, options);
  }

  /** How often one watch went on where another had ended. */
  get resumed(): number {
    return Math.max(0, this.#watches - 1);
  }

  /** Why it was not told everything, if it was not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  start(): void {
    this.#running = this.#client((kv) => this.#run(kv)).catch((error: unknown) => {
      this.#failure = `the watch of ${this.#prefix} ended: ${String(error)}`;
    });
  }

  /** Resolves when all up to a revision was told, or will not be. */
  async catchUp(revision: number): Promise<void> {
    this.#until = revision;
    if (this.#isOver) return this.stop();
    const timer = systemClock.setTimer(CATCH_UP_TIMEOUT_MS, () => {
      this.#failure = `the watch of ${this.#prefix} is at ${this.#covered}, not at ${revision}`;
      this.#stopping.abort();
    });
    await this.#running;
    timer.cancel();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  get #isOver(): boolean {
    return this.#stopping.signal.aborted || this.#covered >= this.#until;
  }

  async #run(kv: KvClient): Promise<void> {
    const { signal } = this.#stopping;
    while (!this.#isOver) {
      this.#watches++;
      this.#fragment = [];
      const options = { startRevision: this.#covered + 1, progress: true, signal };
      try {
        await this.#follow(kv.watch(withPrefix(this.#prefix), options));
      } catch (error) {
        const isOfFaults = error instanceof KvError && error.code === "unavailable";
        if (!isOfFaults && !signal.aborted) throw error;
      }
    }
  }

  async #follow(watch: KvWatch): Promise<void> {
    let left = BATCHES_A_WATCH;
    for await (const batch of watch) {
      this.#take(batch);
      if (this.#isOver || (--left <= 0 && !batch.isFragment)) return;
    }
  }

  #take({ events, revision, isFragment }: WatchBatch): void {
    this.#fragment = [...this.#fragment, ...events];
    if (isFragment) return;
    for (const { kv, kind } of this.#fragment) {
      if (kind !== "put") continue;
      this.puts.push({ key: utf8(kv.key), value: utf8(kv.value), revision: kv.modRevision });
    }
    this.#fragment = [];
    this.#covered = Math.max(this.#covered, revision);
  }
}
