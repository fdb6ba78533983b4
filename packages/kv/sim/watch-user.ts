import { type Clock, integerBetween, pick, type Random } from "@quorate/runtime";
import {
  ALL_KEYS,
  type KeyRange,
  type KvClient,
  KvError,
  type WatchBatch,
  withPrefix,
} from "../src/index.ts";
import { SHARED_PREFIX } from "./key-ring.ts";
import { LIST_PREFIX } from "./list-user.ts";
import type { WatchOracle } from "./watch-oracle.ts";

type WatchCoverage =
  | "client watches resumed"
  | "client watches compacted"
  | "client watches unavailable"
  | "events watched"
  | "fragments watched";

interface WatchUserWorld {
  readonly oracle: WatchOracle;
  readonly cover: (name: WatchCoverage, by?: number) => void;
}

/** Watches for as long as the run lasts, in one watch after the other, and has all that it is told checked. */
export class WatchUser {
  readonly #name: string;
  readonly #kv: KvClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #world: WatchUserWorld;
  readonly #range: KeyRange;
  readonly #filter: { readonly noPuts?: boolean; readonly noDeletes?: boolean };
  readonly #meanPauseMs: number;
  /** Everything up to here was told, or is compacted. */
  #covered = 0;
  /** Events of the revision after it that came in fragments. */
  #fragment: WatchBatch["events"] = [];
  #until: number | undefined;

  constructor(
    name: string,
    kv: KvClient,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
    world: WatchUserWorld,
  ) {
    this.#name = name;
    this.#kv = kv;
    this.#clock = clock;
    this.#random = random;
    this.#world = world;
    const ranges = [ALL_KEYS, ALL_KEYS, withPrefix(SHARED_PREFIX), withPrefix(LIST_PREFIX)];
    this.#range = pick(random, ranges);
    this.#filter = pick(random, [{}, {}, { noPuts: true }, { noDeletes: true }]);
    this.#meanPauseMs = pick(random, [0, 100, 1_500]);
  }

  /** Until all up to the revision that `catchUp` names was told. */
  async run(): Promise<void> {
    while (this.#until === undefined || this.#covered < this.#until) {
      const startRevision = this.#covered === 0 ? 0 : this.#covered + 1;
      this.#fragment = [];
      try {
        await this.#watch(startRevision);
        this.#world.cover("client watches resumed");
      } catch (error) {
        this.#failed(error);
      }
    }
    await this.#kv.stop();
  }

  catchUp(revision: number): void {
    this.#until = revision;
  }

  async #watch(startRevision: number): Promise<void> {
    const options = { startRevision, progress: true, prevKv: true, ...this.#filter };
    const watch = this.#kv.watch(this.#range, options);
    this.#covered = (await watch.started) - 1;
    let left = integerBetween(this.#random, 1, 40);
    for await (const batch of watch) {
      this.#take(batch);
      if (this.#until !== undefined && this.#covered >= this.#until) return;
      // Only where a revision ends: whoever leaves in the midst of one is told it again.
      if (!batch.isFragment && left-- <= 0) return;
      if (this.#until === undefined) await this.#pause();
    }
  }

  #take(batch: WatchBatch): void {
    const events = [...this.#fragment, ...batch.events];
    if (batch.isFragment) {
      this.#world.cover("fragments watched");
      this.#fragment = events;
      return;
    }
    this.#fragment = [];
    const from = this.#covered + 1;
    const what = { ...this.#range, ...this.#filter };
    this.#world.oracle.check(this.#name, what, { from, upTo: batch.revision, events });
    this.#covered = Math.max(this.#covered, batch.revision);
    this.#world.cover("events watched", events.length);
  }

  #failed(error: unknown): void {
    if (!(error instanceof KvError)) throw error;
    if (error.code === "compacted") {
      const { compactRevision } = error;
      if (compactRevision === undefined || compactRevision <= this.#covered + 1) {
        throw new Error(`${this.#name} needs ${this.#covered + 1}, and is told it is compacted`, {
          cause: error,
        });
      }
      this.#covered = compactRevision - 1;
      return this.#world.cover("client watches compacted");
    }
    if (error.code !== "unavailable") throw error;
    this.#world.cover("client watches unavailable");
  }

  #pause(): Promise<void> {
    const ms = -this.#meanPauseMs * Math.log(1 - this.#random.next());
    return new Promise((resolve) => void this.#clock.setTimer(ms, resolve));
  }
}
