import { type Clock, pick, type Random } from "@quorate/runtime";
import {
  type KeyValue,
  type KvClient,
  KvError,
  modRevision,
  put,
  range,
  type TransactionResult,
  utf8,
  withPrefix,
} from "../src/index.ts";
import type { ListTransaction } from "./list-append.ts";

export const LIST_PREFIX = "list/";
const KEYS = ["list/0", "list/1", "list/2"];

interface ListUserWorld {
  /** Milliseconds of the world, for all users alike. */
  readonly now: () => number;
  readonly history: ListTransaction[];
}

/** Reads and appends to lists in transactions: what it appends to is compared with what it saw. */
export class ListUser {
  readonly #name: string;
  readonly #kv: KvClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #world: ListUserWorld;
  #made = 0;
  #isStopped = false;

  constructor(
    name: string,
    kv: KvClient,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
    world: ListUserWorld,
  ) {
    this.#name = name;
    this.#kv = kv;
    this.#clock = clock;
    this.#random = random;
    this.#world = world;
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#transact();
      const thinkMs = 400 * this.#random.next();
      await new Promise<void>((resolve) => this.#clock.setTimer(thinkMs, resolve));
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #transact(): Promise<void> {
    const name = `${this.#name}.${this.#made++}`;
    const lists = await this.#look();
    if (!lists) return;
    const appended = KEYS.filter(() => this.#random.next() < 0.4);
    const read = KEYS.filter((key) => !appended.includes(key) && this.#random.next() < 0.6);
    const compared = [...appended, pick(this.#random, KEYS)];
    const seen = (key: string): string[] => listOf(lists.get(key));
    const beganAt = this.#world.now();
    const appends = Object.fromEntries(appended.map((key) => [key, `${name}@${key.at(-1)}`]));
    const outcome = await this.#kv.transaction({
      compares: compared.map((key) => modRevision(key, "=", lists.get(key)?.modRevision ?? 0)),
      success: [
        ...read.map((key) => range(key)),
        ...appended.map((key) => put(key, [...seen(key), appends[key]!].join(" "))),
      ],
      failure: KEYS.map((key) => range(key)),
    });
    if (outcome.kind === "rejected") return;
    if (outcome.kind === "unknown") {
      this.#world.history.push({ name, reads: {}, appends, beganAt, doneAt: undefined });
      return;
    }
    const { succeeded } = outcome.result;
    const reads = readsOf(outcome.result, succeeded ? read : KEYS);
    // The compare held, so that this is what there was.
    if (succeeded) for (const key of compared) reads[key] = seen(key);
    const doneAt = this.#world.now();
    this.#world.history.push({ name, reads, appends: succeeded ? appends : {}, beganAt, doneAt });
  }

  async #look(): Promise<ReadonlyMap<string, KeyValue> | undefined> {
    try {
      const consistency = this.#random.next() < 0.5 ? "stale" : "linearizable";
      const { kvs } = await this.#kv.range(withPrefix(LIST_PREFIX), { consistency });
      return new Map(kvs.map((kv) => [utf8(kv.key), kv]));
    } catch (error) {
      if (error instanceof KvError && error.code === "unavailable") return undefined;
      throw error;
    }
  }
}

export function listOf(kv: KeyValue | undefined): string[] {
  return kv ? utf8(kv.value).split(" ") : [];
}

function readsOf(
  { results }: TransactionResult,
  keys: readonly string[],
): Record<string, readonly string[]> {
  const reads: Record<string, readonly string[]> = {};
  for (const [at, key] of keys.entries()) {
    const result = results[at];
    if (result?.kind === "range") reads[key] = listOf(result.kvs[0]);
  }
  return reads;
}
