import { type ReplicatedLog, ReplicationError } from "@quorate/replication";
import { type Clock, systemClock, type Timer } from "@quorate/runtime";
import { encodeCommand } from "../codec/encode-operation.ts";
import type { KvStateMachine } from "../kv-state-machine.ts";
import { Lessor, type Renewal } from "./lessor.ts";

/** Revokes that are in the log at once; what falls due beyond waits for one of them to end. */
const MAX_REVOKES = 256;
const DEFAULT_TIMEOUT_MS = 5_000;

/** How long to wait. */
export interface KeepAliveOptions {
  /**
   * Milliseconds, above 0.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/**
 * How a keep-alive ended.
 *
 * - `renewed`: it has its full time again, counted from when this node was asked.
 * - `lease-not-found`: surely there is no such lease.
 * - `not-leader`: this node does not lead, or cannot show in time that it does; ask `leader`, if known.
 */
export type KeepAliveOutcome =
  | { readonly kind: "renewed"; readonly ttlSeconds: number }
  | { readonly kind: "lease-not-found" }
  | { readonly kind: "not-leader"; readonly leader: string | undefined };

/**
 * What became of leases of which several were to be renewed at once, in their order: seconds,
 * `not-found`, or `expired` for one that fell due and whose revoke is not decided.
 */
export type KeepAlivesOutcome =
  | { readonly kind: "kept"; readonly renewals: readonly (number | "not-found" | "expired")[] }
  | { readonly kind: "not-leader"; readonly leader: string | undefined };

/** What a node knows of a lease. */
export interface LeaseStanding {
  readonly id: number;
  /** Seconds, as it was granted. */
  readonly ttlSeconds: number;
  /** Milliseconds until it falls due; undefined where this node does not count. */
  readonly remainingMs: number | undefined;
  /** In the order of their bytes. */
  readonly keys: readonly Uint8Array[];
}

/**
 * Counts the leases of a store while this node leads, revokes through the log those that fall due, and
 * renews them: keep-alives do not go through the log. One a node, beside its log; `stop` ends it.
 */
export class LeaseKeeper {
  readonly #log: ReplicatedLog<KvStateMachine>;
  readonly #machine: KvStateMachine;
  readonly #clock: Clock;
  readonly #lessor = new Lessor();
  readonly #unsubscribe: (() => void)[] = [];
  /** Whoever waits to hear what became of leases that fell due. */
  readonly #waiting = new Set<() => void>();
  #revokes = 0;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(
    log: ReplicatedLog<KvStateMachine>,
    machine: KvStateMachine,
    { clock = systemClock }: { readonly clock?: Clock } = {},
  ) {
    this.#log = log;
    this.#machine = machine;
    this.#clock = clock;
    this.#unsubscribe.push(
      log.onLeader((leader) => this.#lead(leader === log.status().nodeId)),
      machine.listen({
        granted: (lease) => this.#changed(() => this.#lessor.granted(lease, clock.now())),
        revoked: (id) => this.#changed(() => this.#lessor.revoked(id)),
        restored: () => this.#lead(this.#lessor.isLeading),
      }),
    );
    if (log.status().role === "leader") this.#lead(true);
  }

  /**
   * Renews a lease, once the log has confirmed that this node leads: one that was deposed without
   * knowing it would promise time that the new leader does not give.
   */
  async keepAlive(
    id: number,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: KeepAliveOptions = {},
  ): Promise<KeepAliveOutcome> {
    const askedAtMs = this.#clock.now();
    for (;;) {
      const leftMs = askedAtMs + timeoutMs - this.#clock.now();
      if (!this.#lessor.isLeading || leftMs <= 0 || !(await this.#confirmed(leftMs))) {
        return { kind: "not-leader", leader: this.#otherLeader() };
      }
      const renewal: Renewal = this.#lessor.keepAlive(id, askedAtMs, this.#clock.now());
      if (typeof renewal === "number") return { kind: "renewed", ttlSeconds: renewal };
      if (renewal === "not-found") return { kind: "lease-not-found" };
      if (renewal === "expired") await this.#settled(askedAtMs + timeoutMs - this.#clock.now());
    }
  }

  /** As `keepAlive`, for many that one confirmation is enough for; does not wait for one that fell due. */
  async keepAliveMany(
    ids: readonly number[],
    { timeoutMs = DEFAULT_TIMEOUT_MS }: KeepAliveOptions = {},
  ): Promise<KeepAlivesOutcome> {
    const askedAtMs = this.#clock.now();
    if (this.#lessor.isLeading && (await this.#confirmed(timeoutMs)) && this.#lessor.isLeading) {
      const nowMs = this.#clock.now();
      const renewals = ids.map((id) => this.#lessor.keepAlive(id, askedAtMs, nowMs));
      return { kind: "kept", renewals: renewals as (number | "not-found" | "expired")[] };
    }
    return { kind: "not-leader", leader: this.#otherLeader() };
  }

  /** What this node knows of a lease; undefined if there is none. Ask the leader, after a read. */
  timeToLive(id: number): LeaseStanding | undefined {
    const lease = this.#machine.lease(id);
    return lease && { ...lease, remainingMs: this.#lessor.remainingMs(id, this.#clock.now()) };
  }

  /** Counts no more. What waits ends as `not-leader`. */
  stop(): void {
    this.#stopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#lead(false);
  }

  #lead(isLeading: boolean): void {
    this.#changed(() => {
      if (isLeading && !this.#stopped) {
        this.#lessor.promote(this.#machine.leases(), this.#clock.now());
      } else this.#lessor.demote();
    });
  }

  #changed(change: () => void): void {
    change();
    for (const settle of this.#waiting) settle();
    this.#waiting.clear();
    this.#wakeAtNext();
  }

  async #confirmed(timeoutMs: number): Promise<boolean> {
    try {
      await this.#log.read(() => undefined, { timeoutMs });
      return true;
    } catch (error) {
      if (error instanceof ReplicationError && error.code !== "invalid-option") return false;
      throw error;
    }
  }

  #settled(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        timer.cancel();
        this.#waiting.delete(settle);
        resolve();
      };
      const timer = this.#clock.setTimer(Math.max(0, timeoutMs), settle);
      this.#waiting.add(settle);
    });
  }

  #otherLeader(): string | undefined {
    const { leader, nodeId } = this.#log.status();
    return leader === nodeId ? undefined : leader;
  }

  #wakeAtNext(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { nextMs } = this.#lessor;
    if (nextMs === undefined || this.#revokes >= MAX_REVOKES) return;
    const waitMs = Math.max(0, nextMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(waitMs, () => this.#revokeDue());
  }

  #revokeDue(): void {
    for (const id of this.#lessor.due(this.#clock.now(), MAX_REVOKES - this.#revokes)) {
      this.#revokes++;
      const command = encodeCommand({ kind: "revoke-lease", lease: id });
      // However it ends: what is still there is told again.
      void this.#log.propose(command).finally(() => {
        this.#revokes--;
        if (!this.#stopped) this.#wakeAtNext();
      });
    }
    this.#wakeAtNext();
  }
}
