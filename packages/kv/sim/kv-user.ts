import { type Clock, pick, type Random } from "@quorate/runtime";
import type { History, KeyValueInput, KeyValueOutput } from "@quorate/simulation/checker";
import type { KvClient } from "../src/index.ts";
import type { KeyRing } from "./key-ring.ts";
import { learn, perform, type Told } from "./perform.ts";

/** Every key below it is written once, and must be there, in its first version, in the end. */
export const ONCE_PREFIX = "once/";

/** What users do things with, all of them together. */
export interface UserWorld {
  readonly keys: KeyRing;
  readonly history: History<KeyValueInput, KeyValueOutput>;
  /** Names of the keys that were written once, by what their user was told. */
  readonly inserted: Inserted;
  /** An operation was answered; `term` is the latest that anybody had led when it began. */
  readonly answered: (
    input: KeyValueInput,
    output: KeyValueOutput | undefined,
    term: number,
  ) => void;
  readonly unanswered: (input: KeyValueInput) => void;
  readonly retired: () => void;
  /** The latest term that anybody has led. */
  readonly term: () => number;
}

export type Inserted = Readonly<Record<Told["kind"], Set<string>>>;

/** A user on a machine of its own that does one operation after the other, and notes each. */
export class KvUser {
  readonly #name: string;
  readonly #kv: KvClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #world: UserWorld;
  readonly #thinkMs: number;
  readonly #readShare: number;
  /** What this user last knew of a key, for its compare-and-sets. */
  readonly #seen = new Map<string, string | null>();
  #written = 0;
  #incarnation = 0;
  #stopped = false;

  constructor(
    name: string,
    kv: KvClient,
    {
      clock,
      random,
      world,
      thinkMs,
      readShare,
    }: {
      readonly clock: Clock;
      readonly random: Random;
      readonly world: UserWorld;
      readonly thinkMs: number;
      /** What share of its operations are reads, 0 to 1. */
      readonly readShare: number;
    },
  ) {
    this.#name = name;
    this.#kv = kv;
    this.#clock = clock;
    this.#random = random;
    this.#world = world;
    this.#thinkMs = thinkMs;
    this.#readShare = readShare;
  }

  get kv(): KvClient {
    return this.#kv;
  }

  /** Does one operation after the other; resolves after the one during which `stop` was called. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#do(this.#draw());
      const thinkMs = 2 * this.#thinkMs * this.#random.next();
      await new Promise<void>((resolve) => this.#clock.setTimer(thinkMs, resolve));
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #do(input: KeyValueInput): Promise<void> {
    const { history, inserted, keys } = this.#world;
    const handle = history.invoke(`${this.#name}#${this.#incarnation}`, input);
    const term = this.#world.term();
    const told = await perform(this.#kv, input);
    if (told.kind === "done") {
      history.complete(handle, told.output);
      this.#world.answered(input, told.output, term);
    } else if (told.kind === "failed" || input.op === "get") {
      history.fail(handle); // a read that failed changed nothing, and told nothing
    } else {
      // It may still take effect, beside what this user does next.
      this.#incarnation++;
      this.#world.unanswered(input);
      if (keys.noteUnknown(input.key)) this.#world.retired();
    }
    if (input.key.startsWith(ONCE_PREFIX)) inserted[told.kind].add(input.key);
    else learn(this.#seen, input, told);
  }

  #draw(): KeyValueInput {
    const { names } = this.#world.keys;
    const key = pick(this.#random, names);
    if (this.#random.next() < this.#readShare) return { op: "get", key };
    const dice = this.#random.next();
    if (dice < 0.2) return this.#once();
    const update = `${this.#name}.${this.#written++}`;
    if (dice < 0.5) return { op: "put", key, value: update };
    if (dice < 0.65) return { op: "delete", key };
    const expected = this.#seen.get(key) ?? null;
    return { op: "compareAndSet", key, value: { expected, update } };
  }

  #once(): KeyValueInput {
    const unique = `${this.#name}.${this.#written++}`;
    return { op: "put", key: ONCE_PREFIX + unique, value: unique };
  }
}
