import type { HeldLock, LockLost, LossCause } from "@quorate/distributed-lock";
import type { Clock } from "@quorate/runtime";
import {
  History,
  type MutexInput,
  type MutexOutput,
  type Operation,
  type OperationHandle,
} from "@quorate/simulation/checker";

type Held = Pick<HeldLock, "name" | "token" | "isValid" | "validUntil" | "signal">;

/**
 * What clients did with locks, as the model of a mutex with tokens takes it. All of them count their locks'
 * time on one clock; so a lock counts as held until its holder should know that it is lost, and not only
 * until another has it: `expire` is recorded when that time has come, and before what happens after.
 */
export class LockHistory {
  readonly losses: Record<LossCause, number> = { unreachable: 0, expired: 0, revoked: 0 };
  readonly violations: string[] = [];
  readonly #history: History<MutexInput, MutexOutput>;
  readonly #clock: Pick<Clock, "now">;
  /** Those that are held, and until when they were promised to be at least. */
  readonly #held = new Map<Held, number>();

  constructor(now: () => number, clock: Pick<Clock, "now">) {
    this.#history = new History({}, { now });
    this.#clock = clock;
  }

  get operations(): readonly Operation<MutexInput, MutexOutput>[] {
    return this.#history.operations;
  }

  asks(client: string, lock: string): OperationHandle {
    return this.#history.invoke(client, { op: "acquire", key: lock });
  }

  granted(asked: OperationHandle, held: Held): void {
    this.look();
    this.#history.complete(asked, Number(held.token));
    this.#held.set(held, held.validUntil);
  }

  /** It gave up, and surely never held the lock. */
  notGranted(asked: OperationHandle): void {
    this.#history.fail(asked);
  }

  /** A write under this lock's token goes to what it protects. */
  uses(client: string, { name, token }: Held): OperationHandle {
    this.look();
    return this.#history.invoke(client, { op: "use", key: name, value: Number(token) });
  }

  /** Whether it was let through; `rejected`: it never reached what the lock protects. */
  used(use: OperationHandle, how: "accepted" | "refused" | "rejected"): void {
    this.look();
    if (how === "rejected") this.#history.fail(use);
    else this.#history.complete(use, how === "accepted");
  }

  /** Gives it back; undefined where it is lost already. */
  releases(client: string, held: Held): OperationHandle | undefined {
    this.look();
    if (!this.#held.delete(held)) return undefined;
    return this.#history.invoke(client, {
      op: "release",
      key: held.name,
      value: Number(held.token),
    });
  }

  /** From now on nobody else's session keeps it: it is released, or was lost meanwhile. */
  released(release: OperationHandle): void {
    this.#history.complete(release);
  }

  /** Its holder is gone without a word. */
  abandons(held: Held): void {
    if (this.#held.delete(held)) this.#expires(held);
  }

  /** Whose time is over by now. */
  look(): void {
    for (const [held, promisedMs] of this.#held) {
      if (held.isValid) this.#held.set(held, Math.max(promisedMs, held.validUntil));
      else this.#lost(held, promisedMs);
    }
  }

  #lost(held: Held, promisedMs: number): void {
    this.#held.delete(held);
    const { cause } = held.signal.reason as LockLost;
    this.losses[cause]++;
    const leftMs = Math.round(promisedMs - this.#clock.now());
    if (cause === "expired" && leftMs > 0) {
      const whose = `${held.name}, token ${held.token}`;
      this.violations.push(`${whose}: the store ended its session ${leftMs} ms too early`);
    }
    this.#expires(held);
  }

  #expires({ name, token }: Held): void {
    const value = Number(token);
    this.#history.invoke(`session of ${token}`, { op: "expire", key: name, value });
  }
}
