import type { Clock } from "@quorate/runtime";
import { KvError } from "../../kv-error.ts";
import type { Answer, KeptLease, Request } from "../../protocol/protocol.ts";
import type { Task } from "../attempts.ts";
import type { ClientLease } from "./client-lease.ts";

/** What became of leases, and when the request was sent that was answered. */
interface Kept {
  readonly leases: readonly ClientLease[];
  readonly renewals: readonly KeptLease[];
  readonly sentAtMs: number;
}

export interface KeepAliveTaskOptions {
  /** Milliseconds that an attempt may take, whatever the client's own bound. */
  readonly maxAttemptMs: number;
  /** Ask again until it is decided what becomes of a lease that fell due. */
  readonly isPatient: boolean;
}

/** Renews leases at once: those that are due when an attempt is made. */
export class KeepAliveTask implements Task<Kept> {
  readonly maxAttemptMs: number;
  readonly #isPatient: boolean;
  readonly #due: () => readonly ClientLease[];
  readonly #clock: Clock;
  #leases: readonly ClientLease[] = [];
  #sentAtMs = 0;

  constructor(
    due: () => readonly ClientLease[],
    clock: Clock,
    { maxAttemptMs, isPatient }: KeepAliveTaskOptions,
  ) {
    this.#due = due;
    this.#clock = clock;
    this.maxAttemptMs = maxAttemptMs;
    this.#isPatient = isPatient;
  }

  request(timeoutMs: number): Request {
    this.#leases = this.#due();
    this.#sentAtMs = this.#clock.now();
    return { kind: "keep-alive", timeoutMs, leases: this.#leases.map(({ id }) => id) };
  }

  take(answer: Answer): Kept | undefined {
    if (answer.kind !== "kept" || answer.renewals.length !== this.#leases.length) return undefined;
    const { renewals } = answer;
    if (this.#isPatient && renewals.includes("expired")) return undefined;
    return { leases: this.#leases, renewals, sentAtMs: this.#sentAtMs };
  }

  lost(): undefined {}
}

/** Tells leases what became of them. */
export function settle({ leases, renewals, sentAtMs }: Kept): void {
  for (const [at, lease] of leases.entries()) {
    const renewal = renewals[at]!;
    if (typeof renewal === "number") lease.renewed(sentAtMs);
    else if (renewal === "not-found") lease.lose(gone(lease.id));
    // One that fell due there is over here already, or is in the hands of the next leader.
  }
}

export function gone(id: number): KvError {
  return new KvError(
    "lease-not-found",
    `lease ${id} is gone: it was revoked, or its time was over`,
  );
}
