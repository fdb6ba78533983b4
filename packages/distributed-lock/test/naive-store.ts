import type { Blockers, JoinRequest, Place, Role } from "../src/index.ts";

interface Entry extends Place {
  readonly token: bigint;
  readonly ref: string;
}

/** A store as one would write it down who need not be quick: one list of all contenders. */
export class NaiveStore {
  #sessions: { readonly id: string; readonly ttlMs: number; endsMs: number }[] = [];
  #entries: Entry[] = [];
  #refused: Place[] = [];
  #lastToken = 0n;

  get nextDeadlineMs(): number {
    return Math.min(Infinity, ...this.#sessions.map(({ endsMs }) => endsMs));
  }

  open(id: string, ttlMs: number, nowMs: number): void {
    this.#sessions.push({ id, ttlMs, endsMs: nowMs + ttlMs });
  }

  expire(nowMs: number): void {
    for (const { id, endsMs } of [...this.#sessions]) if (endsMs <= nowMs) this.close(id);
  }

  failOver(nowMs: number): void {
    for (const session of this.#sessions) session.endsMs = nowMs + session.ttlMs;
  }

  keepAlive(id: string, nowMs: number): boolean {
    this.expire(nowMs);
    const session = this.#sessions.find((each) => each.id === id);
    if (session) session.endsMs = nowMs + session.ttlMs;
    return session !== undefined;
  }

  close(id: string): void {
    this.#sessions = this.#sessions.filter((session) => session.id !== id);
    this.#entries = this.#entries.filter(({ sessionId }) => sessionId !== id);
  }

  find(place: Place): Entry | undefined {
    return this.#entries.find((entry) => isSame(entry, place));
  }

  leave(place: Place, token: bigint | undefined): void {
    if (token === undefined) this.#refused.push(place);
    this.#entries = this.#entries.filter(
      (entry) => !isSame(entry, place) || (token !== undefined && entry.token !== token),
    );
  }

  /** `given`: the token and ref that were given, and must be larger than any before. */
  join(
    request: JoinRequest,
    given: { readonly token: bigint; readonly ref: string } | undefined,
    nowMs: number,
  ): readonly string[] | "refused" {
    this.expire(nowMs);
    const lives = this.#sessions.some(({ id }) => id === request.sessionId);
    if (!lives || this.#refused.some((place) => isSame(place, request))) return "refused";
    if (!given) return [];
    const entry = this.find(request);
    if (!entry) {
      if (given.token <= this.#lastToken) throw new Error(`token ${given.token} is not new`);
      this.#lastToken = given.token;
      this.#entries.push({ ...request, token: given.token, ref: given.ref });
    } else if (entry.token !== given.token) throw new Error("another token for the same place");
    const standing = this.standing(request, request.blockers, nowMs);
    return standing === "gone" ? "refused" : standing;
  }

  standing(place: Place, { roles, limit }: Blockers, nowMs: number): readonly string[] | "gone" {
    this.expire(nowMs);
    const entry = this.find(place);
    if (!entry) return "gone";
    const counts = (role: Role): boolean => roles === "any" || role === "exclusive";
    return this.#entries
      .filter(
        ({ queue, token, role }) => queue === entry.queue && token < entry.token && counts(role),
      )
      .map(({ ref }) => ref)
      .toReversed()
      .slice(0, limit);
  }

  refs(queue: string): readonly string[] {
    return this.#entries.filter((entry) => entry.queue === queue).map(({ ref }) => ref);
  }
}

function isSame(a: Place, b: Place): boolean {
  return a.queue === b.queue && a.sessionId === b.sessionId && a.id === b.id;
}
