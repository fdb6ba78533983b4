import { createKvClient, type KvClient } from "@quorate/kv";
import { pick, type Random } from "@quorate/runtime";
import type { History, KeyValueInput, KeyValueOutput } from "@quorate/simulation/checker";
import { createTcpTransport, type TcpAddress, type TcpTransport } from "@quorate/transport/tcp";
import type { KeyRing } from "../../../packages/kv/sim/key-ring.ts";
import { learn, perform } from "../../../packages/kv/sim/perform.ts";
import { STORE } from "./node-process.ts";
import { pause } from "./pause.ts";

const TIMEOUT_MS = 2_000;
const ATTEMPT_TIMEOUT_MS = 500;
/** Every key below it is written once, and must be there in the end. */
export const ONCE_PREFIX = "once/";

/** Names of the keys that were written once, by what their client was told. */
export interface Inserted {
  readonly acknowledged: Set<string>;
  readonly rejected: Set<string>;
  readonly unknown: Set<string>;
}

export interface ChaosClientOptions {
  readonly name: string;
  readonly clusterId: string;
  readonly addresses: Readonly<Record<string, TcpAddress>>;
  /** The one that is tried first comes first. */
  readonly nodes: readonly string[];
  /** Mean of the pause between two operations. */
  readonly pauseMs: number;
}

export interface ChaosClientDependencies {
  readonly random: Random;
  readonly keys: KeyRing;
  readonly history: History<KeyValueInput, KeyValueOutput>;
  readonly inserted: Inserted;
  /** Told when an operation begins. */
  readonly onOperation: () => void;
}

/** A client with a connection of its own that does one operation at a time, and notes each. */
export class ChaosClient {
  readonly #name: string;
  readonly #pauseMs: number;
  readonly #world: ChaosClientDependencies;
  readonly #transport: TcpTransport;
  readonly #kv: KvClient;
  /** What this client last knew of a key, for its compare-and-sets. */
  readonly #seen = new Map<string, string | null>();
  #written = 0;
  #incarnation = 0;

  constructor(options: ChaosClientOptions, dependencies: ChaosClientDependencies) {
    const { name, clusterId, addresses, nodes, pauseMs } = options;
    this.#name = name;
    this.#pauseMs = pauseMs;
    this.#world = dependencies;
    this.#transport = createTcpTransport({ nodeId: name, clusterId, peers: addresses });
    this.#kv = createKvClient(
      { nodes, store: STORE, timeoutMs: TIMEOUT_MS, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
      { transport: this.#transport },
    );
  }

  /** Resolves after the operation during which `signal` aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#transport.start();
    try {
      while (!signal.aborted) {
        await this.#do(this.#draw());
        await pause(2 * this.#pauseMs * this.#world.random.next(), signal);
      }
    } finally {
      await this.#kv.stop();
      await this.#transport.stop();
    }
  }

  #draw(): KeyValueInput {
    const { random, keys } = this.#world;
    const unique = `${this.#name}.${this.#written++}`;
    const dice = random.next();
    if (dice < 0.15) return { op: "put", key: ONCE_PREFIX + unique, value: unique };
    const key = pick(random, keys.names);
    if (dice < 0.5) return { op: "get", key };
    if (dice < 0.75) return { op: "put", key, value: unique };
    if (dice < 0.8) return { op: "delete", key };
    const expected = this.#seen.get(key) ?? null;
    return { op: "compareAndSet", key, value: { expected, update: unique } };
  }

  async #do(input: KeyValueInput): Promise<void> {
    const { history, inserted, keys, onOperation } = this.#world;
    onOperation();
    const handle = history.invoke(`${this.#name}#${this.#incarnation}`, input);
    const told = await perform(this.#kv, input);
    if (told.kind === "done") history.complete(handle, told.output);
    // A read that failed changed nothing, and told nothing.
    else if (told.kind === "failed" || input.op === "get") history.fail(handle);
    else this.#goOnAsAnother(keys, input.key);
    if (input.key.startsWith(ONCE_PREFIX)) {
      const as = { done: "acknowledged", failed: "rejected", unknown: "unknown" } as const;
      inserted[as[told.kind]].add(input.key);
    } else learn(this.#seen, input, told);
  }

  /** The unknown operation may still take effect, beside those that this client does next. */
  #goOnAsAnother(keys: KeyRing, key: string): void {
    this.#incarnation++;
    keys.noteUnknown(key);
  }
}
