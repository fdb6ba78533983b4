import { pick, type Random } from "@quorate/runtime";
import type { SwarmContext } from "@quorate/simulation";
import type { History, KeyValueInput, KeyValueOutput } from "@quorate/simulation/checker";
import type { KeyRing } from "../../kv/sim/key-ring.ts";
import type { RegisterNode, RegisterOutcome, Versioned } from "../src/register/index.ts";
import type { RegisterCoverage } from "./register-coverage.ts";

/** Longer than any node lets an operation wait: a node that crashed answers never. */
const GIVE_UP_MS = 6_000;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** What users do things with, all of them together. */
export interface RegisterUserWorld {
  readonly context: SwarmContext<RegisterNode>;
  readonly keys: KeyRing;
  readonly history: History<KeyValueInput, KeyValueOutput>;
  readonly cover: (name: RegisterCoverage) => void;
}

/** What a call told; undefined when nobody answered. */
type Told = RegisterOutcome<KeyValueOutput> | undefined;

/** A user that does one operation after the other, each on any node, and notes what it is told. */
export class RegisterUser {
  readonly #name: string;
  readonly #world: RegisterUserWorld;
  readonly #random: Random;
  readonly #thinkMs: number;
  /** What this user last knew of a key, for its compare-and-sets. */
  readonly #seen = new Map<string, string | null>();
  #written = 0;
  #incarnation = 0;
  #stopped = false;

  constructor(name: string, world: RegisterUserWorld, thinkMs: number) {
    this.#name = name;
    this.#world = world;
    this.#random = world.context.random.fork(name);
    this.#thinkMs = thinkMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Resolves after the operation during which `stop` was called. */
  async run(): Promise<void> {
    const { world, nodes } = this.#world.context;
    while (!this.#stopped) {
      await world.sleep(2 * this.#thinkMs * this.#random.next());
      const running = nodes.filter(({ state }) => state === "running");
      if (running.length > 0) await this.ask(pick(this.#random, running).instance!, this.#draw());
    }
  }

  /** Whether it was committed. */
  async ask(node: RegisterNode, input: KeyValueInput): Promise<boolean> {
    const { history, keys, cover, context } = this.#world;
    const handle = history.invoke(`${this.#name}#${this.#incarnation}`, input);
    const told = await this.#patiently(perform(node, input));
    if (told?.kind === "committed") {
      history.complete(handle, told.result);
      context.operations++;
      this.#learn(input, told.result);
      return true;
    }
    if (told?.kind === "unknown" && told.reason === "lost-track") {
      cover("outcomes that nobody can tell");
    }
    if (told?.kind === "rejected" || input.op === "get") {
      history.fail(handle);
      return false;
    }
    // It may still take effect, beside what this user does next.
    this.#incarnation++;
    cover("unknown outcomes");
    if (keys.noteUnknown(input.key)) cover("keys retired");
    return false;
  }

  #draw(): KeyValueInput {
    const key = pick(this.#random, this.#world.keys.names);
    const dice = this.#random.next();
    const value = `${this.#name}.${this.#written++};`;
    if (dice < 0.35) return { op: "get", key };
    if (dice < 0.55) return { op: "append", key, value };
    if (dice < 0.7) return { op: "put", key, value };
    if (dice < 0.85) return { op: "delete", key };
    const expected = this.#seen.get(key) ?? null;
    return { op: "compareAndSet", key, value: { expected, update: value } };
  }

  #learn(input: KeyValueInput, output: KeyValueOutput): void {
    const { cover } = this.#world;
    const { key } = input;
    switch (input.op) {
      case "get":
        cover("reads");
        return void this.#seen.set(key, output as string | null);
      case "append":
        cover("updates");
        return void this.#seen.set(key, output as string);
      case "put":
        return void this.#seen.set(key, input.value);
      case "delete":
        cover("deletes");
        return void this.#seen.set(key, null);
      case "compareAndSet":
        cover(output === true ? "compare-and-sets that changed" : "compare-and-sets that failed");
        if (output === true) this.#seen.set(key, input.value.update);
    }
  }

  #patiently(outcome: Promise<Told>): Promise<Told> {
    const { clock } = this.#world.context.world;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(GIVE_UP_MS, () => resolve(undefined));
      const end = (): void => timer.cancel();
      outcome.then(
        (told) => (end(), resolve(told)),
        (error: unknown) => (end(), reject(error)),
      );
    });
  }
}

async function perform(node: RegisterNode, input: KeyValueInput): Promise<Told> {
  const { key } = input;
  switch (input.op) {
    case "get":
      return toldBy(await node.get(key), textOf);
    case "put":
      return toldBy(await node.set(key, ENCODER.encode(input.value)), () => true);
    case "append":
      return toldBy(await node.update(key, appending(input.value)), textOf);
    case "delete":
      return toldBy(await node.delete(key), (wasThere) => wasThere);
    case "compareAndSet": {
      const { expected, update } = input.value;
      const value = expected === null ? undefined : ENCODER.encode(expected);
      const compared = await node.compareAndSet(key, { value }, ENCODER.encode(update));
      return toldBy(compared, ({ matched }) => matched);
    }
  }
}

function appending(more: string): (current: Uint8Array | undefined) => Uint8Array {
  return (current) => ENCODER.encode((current ? DECODER.decode(current) : "") + more);
}

function textOf(found: Versioned | undefined): string | null {
  return found ? DECODER.decode(found.value) : null;
}

function toldBy<R>(
  outcome: RegisterOutcome<R>,
  output: (result: R) => KeyValueOutput,
): RegisterOutcome<KeyValueOutput> {
  if (outcome.kind !== "committed") return outcome;
  return { kind: "committed", result: output(outcome.result) };
}
