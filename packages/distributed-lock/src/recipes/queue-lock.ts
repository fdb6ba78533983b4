import type { AcquireOptions, WaitOptions } from "../acquire/acquire-options.ts";
import type { Acquirer, QueueRule } from "../acquire/acquirer.ts";
import type { HeldLock } from "../acquire/held-lock.ts";
import { whoHolds } from "../core/who-holds.ts";
import { AcquireTimeout } from "../lock-error.ts";
import { checkedWait } from "../options.ts";
import { request } from "../request.ts";
import type { Blockers, Contender, Role } from "../store/coordination-store.ts";
import type { ForceOptions, ListOptions, Lock, LockContender } from "./lock.ts";

const MAX_LISTED = 1_000;

/** Every kind of lock: they differ in whom they wait for. */
export class QueueLock implements Lock {
  readonly name: string;
  readonly #acquirer: Acquirer;
  readonly #rule: QueueRule;
  readonly #blockersOf: (role: Role) => Blockers;

  constructor(acquirer: Acquirer, name: string, role: Role, blockersOf: (role: Role) => Blockers) {
    this.name = name;
    this.#acquirer = acquirer;
    this.#rule = { queue: name, role, blockers: blockersOf(role) };
    this.#blockersOf = blockersOf;
  }

  async acquire({ waitMs = Infinity, ...options }: WaitOptions = {}): Promise<HeldLock> {
    const held = await this.#acquirer.acquire(this.#rule, checkedWait(waitMs), options);
    if (held) return held;
    throw new AcquireTimeout(`${this.name} is not free`);
  }

  async tryAcquire(options: AcquireOptions = {}): Promise<HeldLock | null> {
    return (await this.#acquirer.acquire(this.#rule, 0, options)) ?? null;
  }

  async run<R>(body: (held: HeldLock) => Promise<R> | R, options: WaitOptions = {}): Promise<R> {
    await using held = await this.acquire(options);
    const result = await body(held);
    if (!held.isValid) held.signal.throwIfAborted();
    return result;
  }

  async list({ signal }: ListOptions = {}): Promise<readonly LockContender[]> {
    const contenders = await this.#contenders(signal);
    const holds = whoHolds(contenders, this.#blockersOf);
    return contenders.map((contender, at) => asSeen(contender, holds[at]!));
  }

  async forceRelease({ token, signal }: ForceOptions = {}): Promise<readonly LockContender[]> {
    const contenders = await this.#contenders(signal);
    const holds = whoHolds(contenders, this.#blockersOf);
    const losing = contenders.filter(
      (contender, at) => holds[at] && (token === undefined || contender.token === token),
    );
    const { store, clock, requestTimeoutMs } = this.#acquirer.world;
    await Promise.all(
      losing.map((contender) =>
        request(clock, requestTimeoutMs, signal, (call) =>
          store.leave(contender, contender.token, call),
        ),
      ),
    );
    return losing.map((contender) => asSeen(contender, true));
  }

  #contenders(signal: AbortSignal | undefined): Promise<readonly Contender[]> {
    const { store, clock, requestTimeoutMs } = this.#acquirer.world;
    return request(clock, requestTimeoutMs, signal, (call) =>
      store.contenders(this.name, MAX_LISTED, call),
    );
  }
}

function asSeen(contender: Contender, holds: boolean): LockContender {
  const { token, ref, sessionId, role, metadata } = contender;
  return { token, ref, sessionId, role, metadata, holds };
}
