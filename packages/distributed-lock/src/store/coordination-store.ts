import type { Guarantees } from "./guarantees.ts";

/**
 * What locks need of a store: sessions that end when nobody renews them, and ordered queues of
 * contenders that go with their session. All recipes are written over it, so an implementation
 * decides nothing about locks; `@quorate/distributed-lock/compliance` is the suite that it must pass.
 *
 * **Failures.** A rejection, of whatever error, means *unknown*: the call may have taken effect, may
 * yet, or not. What is certain is a result. Nothing is retried by the store beyond what is certain
 * to have failed; the locks do that.
 *
 * **Sessions** are used by the object that opened them: on some stores they are its connection. Of
 * another's, `contenders`, `standing`, and `leave` with a token are answered; the rest may reject.
 *
 * **Abort.** When `call.signal` aborts, the call should settle soon, either way; the locks do not wait
 * for it, and take an aborted call for unknown.
 */
export interface CoordinationStore {
  readonly guarantees: Guarantees;

  /**
   * Opens a session that ends once it was not renewed for `ttlMs`. The store may grant another time,
   * and says which: its own count must not end before that, counted from when it took the request.
   */
  openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession>;

  /**
   * Gives a session its full time again. `expired`: there is no such session (any more) and there will
   * never be one; all its contenders are gone. A session that has expired is never revived.
   */
  keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal>;

  /** Ends a session and removes its contenders. No error when there is none. */
  closeSession(sessionId: string, call?: StoreCall): Promise<void>;

  /**
   * Puts a contender at the end of a queue, in the same atomic step in which its session is seen to
   * live. Idempotent: one of this `id` and session that is in the queue keeps its place and its token.
   *
   * `refused`: the session has ended, or the place was left (see `leave`): surely not done.
   */
  join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused">;

  /**
   * Where a contender stands: a linearizable read. `gone`: it is not in the queue (its session ended,
   * it left, it was removed), and this `id` with this token never will be again. Whether it is there
   * and who is ahead must be read at one moment, or the first after the second.
   */
  standing(
    place: Place,
    blockers: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone">;

  /**
   * Takes a contender out of its queue. With a `token`: that one only, and not another that was given
   * the same place since. Without (its join ended unknown): whatever is there, and for good: a join of
   * this place that is still under way, or comes later in this session, must be `refused`. Idempotent.
   */
  leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void>;

  /** The first `limit` contenders of a queue, in order: a linearizable read. */
  contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]>;

  /**
   * Resolves once this contender is not in the queue: at once when it is not there, also when another
   * has its `id` by now. May resolve early (the caller looks again), never not at all; rejects when the
   * store can no longer tell. What it costs the store when the contender goes must not depend on how
   * long the queue is.
   */
  whenGone(queue: string, ref: string, call?: StoreCall): Promise<void>;

  /** Resolves once there is a contender in the queue; as `whenGone` in all else. */
  whenJoined(queue: string, call?: StoreCall): Promise<void>;
}

/** What each call takes. */
export interface StoreCall {
  readonly signal?: AbortSignal;
}

export interface StoreSession {
  /**
   * Unique for ever. Part of contenders' ids, and on some stores of keys: letters, digits, `-` and `_`,
   * at most 64.
   */
  readonly id: string;
  /** Milliseconds, as granted. */
  readonly ttlMs: number;
}

/** A keep-alive was answered: with the milliseconds that it has again, or that it has ended. */
export type Renewal = { readonly ttlMs: number } | "expired";

/**
 * - `exclusive`: whoever wants it alone: mutexes, writers, leaders; also those of other programs.
 * - `shared`: readers.
 */
export type Role = "exclusive" | "shared";

/** A contender's place, known to whoever joins before the store is asked. */
export interface Place {
  /** The lock's name: 1 to 255 bytes of UTF-8 without control characters. */
  readonly queue: string;
  readonly sessionId: string;
  /**
   * Unique in the queue: the session's id, then, for others of that session at the same time,
   * `<session>.<number>`. Used again only after a `leave` with its token has resolved.
   */
  readonly id: string;
  readonly role: Role;
}

/** Whom a contender must wait for: it is admitted while fewer than `limit` of them are ahead. */
export interface Blockers {
  readonly roles: "any" | "exclusive";
  /** From 0 (nobody is asked for) to 1,000. */
  readonly limit: number;
}

export interface JoinRequest extends Place {
  /** For people, and for those who observe an election; at most 4,096 bytes of UTF-8. */
  readonly metadata: string;
  readonly blockers: Blockers;
}

/** A contender's own view of the queue. */
export interface Standing {
  /**
   * Larger than that of every contender that ever joined this queue before it: the fencing token.
   * At least 1.
   */
  readonly token: bigint;
  /** Names this contender among all that ever were in this queue, also those of the same `id`. */
  readonly ref: string;
  /** The `ref`s of the nearest `blockers.limit` contenders ahead that are of its roles, nearest first. */
  readonly ahead: readonly string[];
}

/** A contender as others see it. */
export interface Contender extends Place {
  readonly token: bigint;
  readonly ref: string;
  readonly metadata: string;
}
