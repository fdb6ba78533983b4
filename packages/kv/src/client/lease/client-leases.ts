import type { Clock } from "@quorate/runtime";
import { KvError } from "../../kv-error.ts";
import type { Lease } from "../../lease/lease-table.ts";
import type { GrantLeaseResult, RevokeLeaseResult } from "../../operation-result.ts";
import type { GrantLease, RevokeLease } from "../../operation.ts";
import type { Answer, Request, TimeToLive } from "../../protocol/protocol.ts";
import { type Attempts, type Deadline, GaveUp, type Task } from "../attempts.ts";
import type { CallOptions } from "../client-options.ts";
import { unread } from "../read-task.ts";
import type { WriteOutcome } from "../write-outcome.ts";
import { ClientLease, type KvLease, type LeaseOwner } from "./client-lease.ts";
import { gone, KeepAliveTask, settle } from "./keep-alive-task.ts";
import { KeepAliver } from "./keep-aliver.ts";

/** Which lease, and how. */
export interface GrantLeaseOptions extends CallOptions {
  /** Seconds, a whole number from 0; the store grants no less than its `minLeaseTtlSeconds`. */
  readonly ttlSeconds: number;
  /**
   * A number of the caller's that no lease has, up to 2^53 - 1; 0 to have one drawn.
   *
   * @default 0
   */
  readonly id?: number;
  /**
   * Renew it at a third of its time, with all others of this client in one request, until it is lost.
   *
   * @default true
   */
  readonly keepAlive?: boolean;
}

/** How the client does what leases need. */
export interface LeaseCalls {
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly timeoutMs: number;
  deadline(call: CallOptions): Deadline;
  grant(command: GrantLease, call: CallOptions): Promise<WriteOutcome<GrantLeaseResult>>;
  revoke(command: RevokeLease, call: CallOptions): Promise<WriteOutcome<RevokeLeaseResult>>;
  /** Runs `call` as one of those that may be under way at once. @throws {KvError} `overloaded`. */
  counted<T>(call: () => Promise<T>): Promise<T>;
}

/** The leases of a client. */
export class ClientLeases implements LeaseOwner {
  readonly #calls: LeaseCalls;
  readonly #keepAliver: KeepAliver;
  readonly #held = new Set<ClientLease>();
  #isStopped = false;

  constructor(calls: LeaseCalls) {
    this.#calls = calls;
    this.#keepAliver = new KeepAliver(calls.attempts, calls.clock, calls.timeoutMs);
  }

  async grant(options: GrantLeaseOptions): Promise<KvLease> {
    const { ttlSeconds, id = 0, keepAlive = true, ...call } = options;
    const { clock } = this.#calls;
    // An attempt of which no answer came may have granted it: none was sent before this.
    const sentAtMs = clock.now();
    const outcome = await this.#calls.grant({ kind: "grant-lease", lease: id, ttlSeconds }, call);
    if (outcome.kind !== "committed") throw notGranted(outcome, call.signal);
    const { lease, ttlSeconds: granted } = outcome.result;
    const held = new ClientLease({ id: lease, ttlSeconds: granted }, sentAtMs, this, clock);
    if (this.#isStopped) held.lose(stopped());
    if (held.lost.aborted) return held;
    this.#held.add(held);
    if (keepAlive) this.#keepAliver.add(held);
    return held;
  }

  async keepAliveOnce(lease: ClientLease, call: CallOptions): Promise<number> {
    const task = new KeepAliveTask(() => [lease], this.#calls.clock, {
      maxAttemptMs: Infinity,
      isPatient: true,
    });
    const kept = await this.#run(task, call);
    settle(kept);
    const [renewal] = kept.renewals;
    if (typeof renewal === "number") return renewal;
    throw gone(lease.id);
  }

  revoke({ id }: ClientLease, call: CallOptions): Promise<WriteOutcome<RevokeLeaseResult>> {
    return this.#calls.revoke({ kind: "revoke-lease", lease: id }, call);
  }

  forget(lease: ClientLease): void {
    this.#held.delete(lease);
    this.#keepAliver.delete(lease);
  }

  async all(call: CallOptions): Promise<readonly Lease[]> {
    const asked = question("leases", (timeoutMs) => ({ kind: "leases", timeoutMs }));
    const { leases } = await this.#run(asked, call);
    return leases;
  }

  async timeToLive(lease: number, call: CallOptions): Promise<TimeToLive | undefined> {
    const kind = "time-to-live";
    try {
      const asked = question(kind, (timeoutMs) => ({ kind, timeoutMs, lease }));
      const answer = await this.#run(asked, call);
      return answer.lease;
    } catch (error) {
      if (error instanceof KvError && error.code === "lease-not-found") return undefined;
      throw error;
    }
  }

  /** Renews nothing any more; what was held lives on at the store until its time is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const lease of [...this.#held]) lease.lose(stopped());
    await this.#keepAliver.stop();
  }

  #run<R extends object>(task: Task<R>, call: CallOptions): Promise<R> {
    const deadline = this.#calls.deadline(call);
    return this.#calls.counted(async () => {
      const result = await this.#calls.attempts.run(task, deadline);
      if (result instanceof GaveUp) throw unread(result, call.signal);
      return result;
    });
  }
}

/** A request that changes nothing, and the kind of answer that it has. */
function question<K extends Answer["kind"]>(
  kind: K,
  request: (timeoutMs: number) => Request,
): Task<Extract<Answer, { readonly kind: K }>> {
  return {
    request,
    take: (answer) => {
      if (answer.kind === "refused") {
        throw new KvError(answer.code, `a node refused to answer: ${answer.code}`);
      }
      return answer.kind === kind ? (answer as Extract<Answer, { readonly kind: K }>) : undefined;
    },
    lost: () => undefined,
  };
}

function notGranted(
  outcome: Exclude<WriteOutcome<unknown>, { readonly kind: "committed" }>,
  signal: AbortSignal | undefined,
): unknown {
  if (outcome.reason === "aborted") return signal?.reason;
  if (outcome.kind === "unknown") {
    return new KvError("unknown", `the lease may have been granted: ${outcome.reason}`);
  }
  return new KvError(outcome.reason, `the lease was not granted: ${outcome.reason}`);
}

function stopped(): KvError {
  return new KvError("stopped", "the client was stopped");
}
