import { KvError, type KvLease } from "@quorate/kv";
import { type Clock, pause, type Random } from "@quorate/runtime";
import { type Health, requireInstance, type ServiceInstance } from "../instance.ts";
import { encodeRecord, keyOf } from "../record.ts";
import { RegistryError } from "../registry-error.ts";
import type { RegistryStore } from "../registry-store.ts";
import { InstanceHealth } from "./instance-health.ts";
import type { ValidatedRegisterOptions } from "./options.ts";
import { PlaceInStore } from "./place-in-store.ts";
import type {
  InstanceChanges,
  Registration,
  RegistrationListener,
  RegistrationState,
} from "./registration.ts";

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/** What keeps an instance registered: one loop that brings the store to what it should be. */
export class KeptRegistration implements Registration {
  readonly #store: RegistryStore;
  readonly #options: ValidatedRegisterOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #place: PlaceInStore;
  readonly #health: InstanceHealth;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<RegistrationListener>();
  #instance: ServiceInstance;
  #lease: KvLease | undefined;
  /** The record that is in the store for sure, under the lease. */
  #written: string | undefined;
  #state: RegistrationState = "registering";
  #cause: Error | undefined;
  #work: Promise<void> | undefined;
  #wake: () => void = () => {};
  #deregistered: Promise<"deregistered" | "expiring"> | undefined;

  /** @throws {RegistryError} `invalid-option`. */
  constructor(
    instance: ServiceInstance,
    options: ValidatedRegisterOptions,
    store: RegistryStore,
    prefix: string,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
  ) {
    requireInstance(instance);
    this.#instance = instance;
    this.#options = options;
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#place = new PlaceInStore(store, keyOf(prefix, instance));
    this.#health = new InstanceHealth(options, clock, random, () => this.#wake());
    this.#record(instance);
  }

  get state(): RegistrationState {
    return this.#state;
  }

  get cause(): Error | undefined {
    return this.#cause;
  }

  get instance(): ServiceInstance {
    return this.#instance;
  }

  get health(): Health {
    return this.#health.health;
  }

  /** Resolves when it is registered, or withdrawn; rejects with the signal's reason, and has ended. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => (settle = resolve));
    const unsubscribe = this.onState(settle);
    signal?.addEventListener("abort", settle, { once: true });
    this.#work = this.#health.start().then(() => this.#run());
    await settled;
    signal?.removeEventListener("abort", settle);
    unsubscribe();
    if (this.#state === "registering") {
      await this.deregister();
      throw signal?.reason;
    }
    if (this.#cause) throw this.#cause;
  }

  onState(listener: RegistrationListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  report(health: Health, note = ""): void {
    this.#health.report(health, note);
  }

  update(changes: InstanceChanges): void {
    const { service, id } = this.#instance;
    const all = { ...this.#instance, ...changes, service, id } as ServiceInstance;
    requireInstance(all);
    this.#record(all);
    this.#instance = all;
    this.#wake();
  }

  deregister(): Promise<"deregistered" | "expiring"> {
    this.#deregistered ??= this.#takeLeave();
    return this.#deregistered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deregister();
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#ending.signal.aborted) {
      const changed = new Promise<void>((resolve) => (this.#wake = resolve));
      try {
        await this.#converge();
        retryMs = FIRST_RETRY_MS;
        await changed;
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        if (isFinal(error)) return this.#end(error);
        this.#become("registering", error as Error);
        await pause(this.#clock, retryMs * (0.5 + this.#random.next()), [this.#ending.signal]);
        retryMs = Math.min(MAX_RETRY_MS, 2 * retryMs);
      }
    }
  }

  /** Brings the store to where it should be. Rejects when it could not, or may not have. */
  async #converge(): Promise<void> {
    if (this.#health.isTooLongCritical) {
      if (this.#lease) await this.#withdraw(this.#lease);
      return this.#become("withdrawn", undefined);
    }
    const lease = await this.#heldLease();
    const record = this.#record(this.#instance);
    if (record !== this.#written) await this.#write(record, lease);
    this.#become("registered", undefined);
  }

  async #heldLease(): Promise<KvLease> {
    if (this.#lease && !this.#lease.lost.aborted) return this.#lease;
    this.#written = undefined;
    if (this.#lease) this.#become("registering", this.#lease.lost.reason as Error);
    const { ttlSeconds } = this.#options;
    const lease = await this.#store.grantLease({ ttlSeconds, signal: this.#ending.signal });
    lease.lost.addEventListener("abort", () => this.#wake(), { once: true });
    this.#lease = lease;
    return lease;
  }

  async #write(record: string, lease: KvLease): Promise<void> {
    this.#written = undefined;
    const written = await this.#place.write(record, lease.id, this.#ending.signal);
    switch (written.kind) {
      case "written":
        this.#written = record;
        return;
      case "superseded": {
        const { service, id } = this.#instance;
        const why = `another process is registered as ${id} of ${service}`;
        throw new RegistryError("superseded", why);
      }
      case "unknown":
        throw new RegistryError("unavailable", "the store did not say whether it has the record");
      case "rejected":
        throw new RegistryError("unavailable", `the store rejected the record: ${written.reason}`);
    }
  }

  /** Says that it leaves, so that nobody takes it for dead, and goes with the lease. */
  async #withdraw(lease: KvLease): Promise<boolean> {
    const leaving = this.#record(this.#instance, true);
    await this.#place.write(leaving, lease.id);
    this.#lease = undefined;
    this.#written = undefined;
    const outcome = await lease.revoke();
    return outcome.kind === "committed";
  }

  async #takeLeave(): Promise<"deregistered" | "expiring"> {
    this.#ending.abort(new RegistryError("stopped", "it was deregistered"));
    this.#health.stop();
    this.#wake();
    await this.#work;
    const isSuperseded = this.#state === "superseded";
    const lease = isSuperseded || this.#lease?.lost.aborted ? undefined : this.#lease;
    const isGone = lease ? await this.#withdraw(lease) : this.#lease === undefined;
    if (!isSuperseded) this.#become("ended", undefined);
    return isGone || isSuperseded ? "deregistered" : "expiring";
  }

  #end(error: Error): void {
    this.#health.stop();
    // Nobody needs it any more: what stands there now has another one.
    void this.#lease?.revoke();
    const isSuperseded = error instanceof RegistryError && error.code === "superseded";
    this.#become(isSuperseded ? "superseded" : "ended", error);
  }

  #record(instance: ServiceInstance, leaving = false): string {
    const { health, reports: checks } = this.#health;
    return encodeRecord({ instance: { ...instance, health, checks }, leaving });
  }

  #become(state: RegistrationState, cause: Error | undefined): void {
    const isNews = state !== this.#state;
    this.#state = state;
    this.#cause = cause;
    if (isNews) for (const listener of this.#listeners) listener(state, cause);
  }
}

/** The store's client was stopped, or somebody else has the place. */
function isFinal(error: unknown): error is Error {
  return (
    (error instanceof KvError && error.code === "stopped") ||
    (error instanceof RegistryError && error.code === "superseded")
  );
}
