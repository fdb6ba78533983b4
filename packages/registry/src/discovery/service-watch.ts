import { KvError, type WatchBatch, withPrefix } from "@quorate/kv";
import { type Clock, pause, type Random, type Timer } from "@quorate/runtime";
import { ServiceView } from "../core/service-view.ts";
import { decodeRecord, placeOf } from "../record.ts";
import { RegistryError } from "../registry-error.ts";
import type { RegistryStore } from "../registry-store.ts";
import { Latest } from "./latest.ts";
import type { ValidatedWatchOptions } from "./options.ts";
import { readInstances } from "./read-instances.ts";
import { isSameSnapshot, type ServiceSnapshot } from "./snapshot.ts";

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/** Where a service's instances are, and what one needs to follow them. */
export interface Followed {
  readonly store: RegistryStore;
  readonly prefix: string;
  readonly service: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Follows a service: what is there, then every change, without a gap. When the store cannot be reached
 * the last known instances stay, and are said to be stale.
 */
export class ServiceWatch implements AsyncIterableIterator<ServiceSnapshot> {
  readonly #followed: Followed;
  readonly #options: ValidatedWatchOptions;
  readonly #begin: string;
  readonly #view: ServiceView;
  readonly #latest = new Latest<ServiceSnapshot>();
  readonly #ended = new AbortController();
  #told: ServiceSnapshot | undefined;
  /** Everything up to it is in the view; 0 before the first read. */
  #revision = 0;
  #isStale = false;
  #timer: Timer | undefined;
  #work: Promise<void> | undefined;

  constructor(followed: Followed, options: ValidatedWatchOptions) {
    this.#followed = followed;
    this.#options = options;
    this.#begin = `${followed.prefix}${followed.service}/`;
    this.#view = new ServiceView(options.protection, options.holdMs);
    options.signal?.addEventListener("abort", this.#stop, { once: true });
    if (options.signal?.aborted) this.#stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ServiceSnapshot>> {
    this.#work ??= this.#follow();
    const next = await this.#latest.next();
    return next ? { done: false, value: next.value } : { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ServiceSnapshot>> {
    this.#stop();
    await this.#work;
    return { done: true, value: undefined };
  }

  readonly #stop = (): void => {
    this.#timer?.cancel();
    this.#options.signal?.removeEventListener("abort", this.#stop);
    this.#ended.abort();
    this.#latest.end();
  };

  async #follow(): Promise<void> {
    const { clock, random } = this.#followed;
    let retryMs = FIRST_RETRY_MS;
    while (!this.#ended.signal.aborted) {
      try {
        await this.#read();
        retryMs = FIRST_RETRY_MS;
        await this.#watch();
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        if (error instanceof KvError && error.code === "compacted") continue; // reads what is there
        if (!this.#mayRetry(error)) return;
        await pause(clock, retryMs * (0.5 + random.next()), [this.#ended.signal]);
        retryMs = Math.min(MAX_RETRY_MS, 2 * retryMs);
      }
    }
  }

  async #read(): Promise<void> {
    const { store, prefix, clock } = this.#followed;
    const found = await readInstances(store, prefix, this.#begin, this.#ended.signal);
    for (const key of found.malformed) this.#reportMalformed(key);
    this.#view.reset(found.instances, clock.now());
    this.#revision = found.revision;
    this.#isStale = false;
    this.#tell();
  }

  async #watch(): Promise<void> {
    const { store } = this.#followed;
    const startRevision = this.#revision + 1;
    const { signal } = this.#ended;
    for await (const batch of store.watch(withPrefix(this.#begin), { startRevision, signal })) {
      this.#take(batch);
      if (batch.isFragment) continue;
      this.#revision = batch.revision;
      this.#tell();
    }
  }

  #take({ events }: WatchBatch): void {
    const { prefix, clock } = this.#followed;
    for (const { kind, kv } of events) {
      const place = placeOf(prefix, kv.key);
      if (!place) this.#reportMalformed(Buffer.from(kv.key).toString());
      else if (kind === "delete") this.#view.expire(place.id, clock.now());
      else {
        const record = decodeRecord(place, kv.value);
        if (!record) this.#reportMalformed(Buffer.from(kv.key).toString());
        else if (record.leaving) this.#view.leave(place.id);
        else this.#view.put(record.instance);
      }
    }
  }

  /** Says what has failed. False when there is no use in trying again. */
  #mayRetry(error: unknown): boolean {
    const cause = error as Error;
    const isStopped = error instanceof KvError && error.code === "stopped";
    try {
      if (!isStopped) this.#options.onError(cause);
    } catch (thrown) {
      this.#latest.fail(thrown);
      return false;
    }
    if (isStopped) {
      this.#latest.fail(new RegistryError("stopped", "the store's client was stopped", { cause }));
      return false;
    }
    this.#isStale = true;
    if (this.#told) this.#tell();
    return true;
  }

  #reportMalformed(key: string): void {
    const why = `what stands at ${key} was not written by a registry: it is left out`;
    this.#options.onError(new RegistryError("malformed-record", why));
  }

  /** Tells the reader what is there now, unless it knows; and again when time alone changes it. */
  #tell(): void {
    const { service, clock } = this.#followed;
    const nowMs = clock.now();
    const snapshot: ServiceSnapshot = {
      service,
      revision: this.#revision,
      instances: this.#view.instances(nowMs),
      isProtected: this.#view.isProtected,
      isStale: this.#isStale,
    };
    this.#timer?.cancel();
    const nextMs = this.#view.nextChangeMs(nowMs);
    if (nextMs !== undefined) {
      this.#timer = clock.setTimer(Math.max(1, nextMs - nowMs), () => this.#tell());
    }
    if (this.#told && isSameSnapshot(this.#told, snapshot)) return;
    this.#told = snapshot;
    this.#latest.set(snapshot);
  }
}
