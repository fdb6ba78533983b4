import type { KvClient } from "@quorate/kv";
import { KvError } from "@quorate/kv";
import { type LocalKv, startLocalKv } from "@quorate/kv/local";
import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { onTestFinished } from "vitest";
import {
  createRegistry,
  type Registry,
  type RegistryStore,
  type ServiceInstance,
} from "../src/index.ts";

/** A store and registries on virtual time. */
export class Workshop {
  readonly clock: VirtualClock;
  readonly #store: LocalKv;

  private constructor(clock: VirtualClock, store: LocalKv) {
    this.clock = clock;
    this.#store = store;
  }

  static async open(): Promise<Workshop> {
    const clock = new VirtualClock();
    const store = await startLocalKv({}, { clock, random: seededRandom("store") });
    onTestFinished(async () => {
      await clock.until(store[Symbol.asyncDispose]());
    });
    return new Workshop(clock, store);
  }

  client(): Promise<KvClient> {
    return this.#store.client();
  }

  /** One of its own process. */
  async process(): Promise<Process> {
    const client = await this.client();
    const link = new Link(client);
    const random = seededRandom("registry");
    return { client, link, registry: createRegistry(link, {}, { clock: this.clock, random }) };
  }

  until<T>(promise: PromiseLike<T>): Promise<T> {
    return this.clock.until(promise);
  }
}

interface Process {
  readonly client: KvClient;
  readonly link: Link;
  readonly registry: Registry;
}

/** A client whose connection to the store can be cut. */
export class Link implements RegistryStore {
  readonly #client: KvClient;
  #cut = new AbortController();
  /** Transactions that were sent. */
  transactions = 0;

  constructor(client: KvClient) {
    this.#client = client;
  }

  cut(): void {
    this.#cut.abort(new KvError("unavailable", "the connection is cut"));
  }

  heal(): void {
    this.#cut = new AbortController();
  }

  async range(...args: Parameters<KvClient["range"]>): ReturnType<KvClient["range"]> {
    this.#cut.signal.throwIfAborted();
    return this.#client.range(...args);
  }

  async transaction(
    ...args: Parameters<KvClient["transaction"]>
  ): ReturnType<KvClient["transaction"]> {
    this.transactions++;
    if (this.#cut.signal.aborted) return { kind: "rejected", reason: "unavailable" };
    return this.#client.transaction(...args);
  }

  async grantLease(
    ...args: Parameters<KvClient["grantLease"]>
  ): ReturnType<KvClient["grantLease"]> {
    this.#cut.signal.throwIfAborted();
    return this.#client.grantLease(...args);
  }

  watch(keys: Parameters<KvClient["watch"]>[0], options = {}): ReturnType<KvClient["watch"]> {
    const given = (options as { signal?: AbortSignal }).signal;
    const signals = [this.#cut.signal, ...(given ? [given] : [])];
    return this.#client.watch(keys, { ...options, signal: AbortSignal.any(signals) });
  }
}

export function orders(id: string, changes: Partial<ServiceInstance> = {}): ServiceInstance {
  return { service: "orders", id, host: "127.0.0.1", port: 8080, ...changes };
}
