import type {
  Blockers,
  Contender,
  JoinRequest,
  Place,
  Renewal,
  Standing,
  StoreSession,
} from "../store/coordination-store.ts";

/** What has happened to a queue: for whoever waits for it. */
export type QueueChange =
  | { readonly kind: "gone"; readonly queue: string; readonly ref: string }
  | { readonly kind: "joined"; readonly queue: string };

interface Session {
  ttlMs: number;
  deadlineMs: number;
  /** Its contenders, by place. */
  readonly contenders: Map<string, Contender>;
  /** Places that were left before it was known whether they had been joined. */
  readonly refused: Set<string>;
}

/**
 * The whole of a coordination store as plain state: the reference that others are compared with. Time
 * comes in as an argument, in milliseconds of any monotonic clock; what changed is taken out by
 * `takeChanges`.
 */
export class StoreState {
  readonly #sessions = new Map<string, Session>();
  /** Each in the order of its tokens. */
  readonly #queues = new Map<string, Contender[]>();
  #sessionsOpened = 0;
  #lastToken = 0n;
  /** No session ends before. */
  #nextDeadlineMs = Infinity;
  #changes: QueueChange[] = [];

  /** When to call `expire` the next time; infinite when there is no session. May be too early. */
  get nextDeadlineMs(): number {
    return this.#nextDeadlineMs;
  }

  openSession(ttlMs: number, nowMs: number): StoreSession {
    const id = `s${(++this.#sessionsOpened).toString(36)}`;
    const deadlineMs = nowMs + ttlMs;
    this.#sessions.set(id, { ttlMs, deadlineMs, contenders: new Map(), refused: new Set() });
    this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, deadlineMs);
    return { id, ttlMs };
  }

  keepAlive(sessionId: string, nowMs: number): Renewal {
    this.expire(nowMs);
    const session = this.#sessions.get(sessionId);
    if (!session) return "expired";
    session.deadlineMs = nowMs + session.ttlMs;
    return { ttlMs: session.ttlMs };
  }

  closeSession(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    this.#sessions.delete(sessionId);
    if (this.#sessions.size === 0) this.#nextDeadlineMs = Infinity;
    for (const contender of session.contenders.values()) this.#remove(contender);
  }

  join(request: JoinRequest, nowMs: number): Standing | "refused" {
    this.expire(nowMs);
    const session = this.#sessions.get(request.sessionId);
    const place = placeKey(request);
    if (!session || session.refused.has(place)) return "refused";
    let contender = session.contenders.get(place);
    if (!contender) {
      const { queue, sessionId, id, role, metadata } = request;
      const token = ++this.#lastToken;
      contender = { queue, sessionId, id, role, metadata, token, ref: `${id}@${token}` };
      session.contenders.set(place, contender);
      const others = this.#queues.get(queue);
      if (others) others.push(contender);
      else this.#queues.set(queue, [contender]);
      this.#changes.push({ kind: "joined", queue });
    }
    const { token, ref } = contender;
    return { token, ref, ahead: this.#ahead(contender, request.blockers) };
  }

  standing(
    place: Place,
    blockers: Blockers,
    nowMs: number,
  ): { readonly ahead: readonly string[] } | "gone" {
    this.expire(nowMs);
    const contender = this.#sessions.get(place.sessionId)?.contenders.get(placeKey(place));
    return contender ? { ahead: this.#ahead(contender, blockers) } : "gone";
  }

  leave(place: Place, token: bigint | undefined): void {
    const session = this.#sessions.get(place.sessionId);
    if (!session) return;
    const key = placeKey(place);
    if (token === undefined) session.refused.add(key);
    const contender = session.contenders.get(key);
    if (!contender || (token !== undefined && contender.token !== token)) return;
    session.contenders.delete(key);
    this.#remove(contender);
  }

  contenders(queue: string, limit: number, nowMs: number): readonly Contender[] {
    this.expire(nowMs);
    return (this.#queues.get(queue) ?? []).slice(0, limit);
  }

  has(queue: string, ref: string): boolean {
    return this.#queues.get(queue)?.some((contender) => contender.ref === ref) ?? false;
  }

  isEmpty(queue: string): boolean {
    return !this.#queues.has(queue);
  }

  /** The names of all queues that are not empty. */
  queues(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** Ends the sessions whose time is over. */
  expire(nowMs: number): void {
    if (nowMs < this.#nextDeadlineMs) return;
    let next = Infinity;
    for (const [id, { deadlineMs }] of this.#sessions) {
      if (deadlineMs <= nowMs) this.closeSession(id);
      else next = Math.min(next, deadlineMs);
    }
    this.#nextDeadlineMs = next;
  }

  /** Another machine counts from here on, and does not know how much time was left: all get it again. */
  failOver(nowMs: number): void {
    this.#nextDeadlineMs = Infinity;
    for (const session of this.#sessions.values()) {
      session.deadlineMs = nowMs + session.ttlMs;
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, session.deadlineMs);
    }
  }

  /** What has changed since the last call, in its order. */
  takeChanges(): readonly QueueChange[] {
    if (this.#changes.length === 0) return NO_CHANGES;
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  #ahead({ queue, token }: Contender, { roles, limit }: Blockers): readonly string[] {
    const others = this.#queues.get(queue)!;
    const ahead: string[] = [];
    for (let at = indexOf(others, token) - 1; at >= 0 && ahead.length < limit; at--) {
      const { ref, role } = others[at]!;
      if (roles === "any" || role === "exclusive") ahead.push(ref);
    }
    return ahead;
  }

  #remove({ queue, ref, token }: Contender): void {
    const others = this.#queues.get(queue)!;
    others.splice(indexOf(others, token), 1);
    if (others.length === 0) this.#queues.delete(queue);
    this.#changes.push({ kind: "gone", queue, ref });
  }
}

const NO_CHANGES: readonly QueueChange[] = [];

function placeKey({ queue, id }: Place): string {
  return `${queue}\0${id}`;
}

/** Where the contender with this token, which must be there, stands. */
function indexOf(contenders: readonly Contender[], token: bigint): number {
  let low = 0;
  let high = contenders.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (contenders[middle]!.token < token) low = middle + 1;
    else high = middle;
  }
  return low;
}
