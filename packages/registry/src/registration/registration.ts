import type { Health, ServiceInstance } from "../instance.ts";

/**
 * - `registering`: not in the store, or not for sure: it is tried again and again.
 * - `registered`: in the store, under a lease that is renewed.
 * - `withdrawn`: taken out, since it has been critical for too long; comes back when it is not any more.
 * - `superseded`: another process has registered under the same id. Final.
 * - `ended`: deregistered, or the store's client was stopped. Final.
 */
export type RegistrationState = "registering" | "registered" | "withdrawn" | "superseded" | "ended";

/** Told what `state` and `cause` are now. */
export type RegistrationListener = (state: RegistrationState, cause: Error | undefined) => void;

/**
 * An instance in the store, for as long as this process lives and says so. When its lease is lost (the
 * process was paused, or cut off) it is registered again by itself.
 */
export interface Registration extends AsyncDisposable {
  readonly state: RegistrationState;
  /** What keeps it from being registered, where something does. */
  readonly cause: Error | undefined;
  /** What was registered, with the changes since. */
  readonly instance: ServiceInstance;
  /** The worst of the checks and of what was reported. */
  readonly health: Health;
  /** Told of each change of `state`. */
  onState(listener: RegistrationListener): () => void;
  /** The process's own word on its health, beside the checks; `note` says why, in 200 characters. */
  report(health: Health, note?: string): void;
  /**
   * Changes what is registered. Reaches the store soon, and together with other changes; undefined takes
   * a field away.
   *
   * @throws {RegistryError} `invalid-option`.
   */
  update(changes: InstanceChanges): void;
  /**
   * Takes its leave: whoever watches drops it at once. `expiring`: the store did not answer in time, so it
   * goes with its lease. No more changes from now on. A second call has the same result.
   */
  deregister(): Promise<"deregistered" | "expiring">;
}

/** All that an instance has but its name. */
export type InstanceChanges = {
  readonly [K in keyof Omit<ServiceInstance, "service" | "id">]?: ServiceInstance[K] | undefined;
};
