import type { Clock, Timer } from "@quorate/runtime";
import { KvError } from "../../kv-error.ts";
import type { RevokeLeaseResult } from "../../operation-result.ts";
import type { CallOptions } from "../client-options.ts";
import type { WriteOutcome } from "../write-outcome.ts";

/**
 * A lease that this client was granted. Its time is counted here from when the request was *sent* that
 * granted or renewed it, so it is over here before it is at the store, as far as both clocks run alike:
 * leave a margin where that matters. After a failover the store gives it more; here it does not count.
 */
export interface KvLease extends AsyncDisposable {
  readonly id: number;
  /** Seconds, as granted: at least what was asked for. */
  readonly ttlSeconds: number;
  /**
   * Aborts once the lease cannot be relied on any more, with a `KvError`: `lease-expired` when its time
   * is over and no renewal was answered; `lease-not-found` when the store says that it is gone; `stopped`
   * when it is revoked by this object, or the client is stopped. A process that was paused hears it late:
   * what must not happen without the lease compares with `validUntilMs` too.
   */
  readonly lost: AbortSignal;
  /** Until when it is surely held, by the client's clock. It grows with each renewal. */
  readonly validUntilMs: number;
  /**
   * Renews it now. Returns the seconds that it has from when this was sent.
   *
   * @throws {KvError} `lease-not-found`, `unavailable`, `stopped`; what it was lost by, if it was.
   * @throws the signal's reason when it aborts first.
   */
  keepAliveOnce(options?: CallOptions): Promise<number>;
  /** Ends it, and deletes its keys. No renewals from now on, whatever the outcome. */
  revoke(options?: CallOptions): Promise<WriteOutcome<RevokeLeaseResult>>;
}

/** What a lease has its client do. */
export interface LeaseOwner {
  keepAliveOnce(lease: ClientLease, options: CallOptions): Promise<number>;
  revoke(lease: ClientLease, options: CallOptions): Promise<WriteOutcome<RevokeLeaseResult>>;
  /** It is over. */
  forget(lease: ClientLease): void;
}

export class ClientLease implements KvLease {
  readonly id: number;
  readonly ttlSeconds: number;
  readonly #clock: Clock;
  readonly #owner: LeaseOwner;
  readonly #lost = new AbortController();
  #renewedAtMs: number;
  #timer: Timer | undefined;

  /** Granted by a request that was sent at `sentAtMs`. */
  constructor(
    { id, ttlSeconds }: { readonly id: number; readonly ttlSeconds: number },
    sentAtMs: number,
    owner: LeaseOwner,
    clock: Clock,
  ) {
    this.id = id;
    this.ttlSeconds = ttlSeconds;
    this.#clock = clock;
    this.#owner = owner;
    this.#renewedAtMs = sentAtMs;
    this.#watchTime();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get validUntilMs(): number {
    return this.#renewedAtMs + this.ttlSeconds * 1_000;
  }

  /** When the request was sent that renewed it last. */
  get renewedAtMs(): number {
    return this.#renewedAtMs;
  }

  /** It has its full time again, from when that was asked for. One that was lost stays so. */
  renewed(sentAtMs: number): void {
    this.#renewedAtMs = Math.max(this.#renewedAtMs, sentAtMs);
  }

  lose(error: KvError): void {
    this.#timer?.cancel();
    if (this.#lost.signal.aborted) return;
    this.#owner.forget(this);
    this.#lost.abort(error);
  }

  async keepAliveOnce(options: CallOptions = {}): Promise<number> {
    this.#lost.signal.throwIfAborted();
    return this.#owner.keepAliveOnce(this, options);
  }

  async revoke(options: CallOptions = {}): Promise<WriteOutcome<RevokeLeaseResult>> {
    this.lose(new KvError("stopped", `lease ${this.id} was revoked by its owner`));
    return this.#owner.revoke(this, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.revoke();
  }

  // One timer a turn of its time, not one a renewal.
  #watchTime(): void {
    const leftMs = this.validUntilMs - this.#clock.now();
    if (leftMs <= 0) {
      const why = `lease ${this.id} could not be renewed within ${this.ttlSeconds} s`;
      return this.lose(new KvError("lease-expired", why));
    }
    this.#timer = this.#clock.setTimer(leftMs, () => this.#watchTime());
  }
}
