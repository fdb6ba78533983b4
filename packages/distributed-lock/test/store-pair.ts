import { StoreState } from "../src/core/store-state.ts";
import type { Blockers, Place, Role } from "../src/index.ts";
import { NaiveStore } from "./naive-store.ts";

/** A contender, by the number of its session in the order of their opening. */
export interface Spot {
  readonly queue: "a" | "b";
  readonly session: number;
  readonly number: number;
  readonly role: Role;
}

/** Something that is done to both stores. */
export type Step =
  | { readonly op: "open"; readonly ttlMs: number }
  | { readonly op: "keepAlive"; readonly session: number }
  | { readonly op: "close"; readonly session: number }
  | { readonly op: "join"; readonly spot: Spot; readonly blockers: Blockers }
  | { readonly op: "standing"; readonly spot: Spot; readonly blockers: Blockers }
  | { readonly op: "leave"; readonly spot: Spot; readonly how: "token" | "older" | "final" }
  | { readonly op: "pass"; readonly ms: number }
  | { readonly op: "failOver" };

/** What the store has answered, and what the naive one has. */
export type Answers = readonly [ours: unknown, naive: unknown];

const NOTHING: Answers = [undefined, undefined];

/** The store and a naive one, side by side. */
export class StorePair {
  readonly #state = new StoreState();
  readonly #naive = new NaiveStore();
  readonly #sessions: string[] = [];
  #nowMs = 0;

  take(step: Step): Answers {
    const [state, naive, nowMs] = [this.#state, this.#naive, this.#nowMs];
    state.expire(nowMs);
    naive.expire(nowMs);
    switch (step.op) {
      case "pass":
        this.#nowMs += step.ms;
        return NOTHING;
      case "failOver":
        state.failOver(nowMs);
        naive.failOver(nowMs);
        return NOTHING;
      case "open":
        return this.#open(step.ttlMs);
      case "keepAlive": {
        const isAlive = state.keepAlive(this.#id(step.session), nowMs) !== "expired";
        return [isAlive, naive.keepAlive(this.#id(step.session), nowMs)];
      }
      case "close":
        state.closeSession(this.#id(step.session));
        naive.close(this.#id(step.session));
        return NOTHING;
      case "join":
        return this.#join(this.#place(step.spot), step.blockers);
      case "standing":
        return this.#stand(this.#place(step.spot), step.blockers);
      case "leave":
        return this.#leave(this.#place(step.spot), step.how);
    }
  }

  /** What both hold, and how many the changes that were told account for. */
  end(): Answers {
    const queues = ["a", "b"] as const;
    const ours = queues.map((queue) =>
      this.#state.contenders(queue, 99, -Infinity).map(({ ref }) => ref),
    );
    const naive = queues.map((queue) => this.#naive.refs(queue));
    const changes = this.#state.takeChanges();
    const told = changes.reduce((sum, { kind }) => sum + (kind === "joined" ? 1 : -1), 0);
    const isInTime = this.#state.nextDeadlineMs <= this.#naive.nextDeadlineMs;
    return [
      { contenders: ours, told, isInTime },
      { contenders: naive, told: naive.flat().length, isInTime: true },
    ];
  }

  #open(ttlMs: number): Answers {
    const { id } = this.#state.openSession(ttlMs, this.#nowMs);
    this.#naive.open(id, ttlMs, this.#nowMs);
    this.#sessions.push(id);
    return NOTHING;
  }

  #join(place: Place, blockers: Blockers): Answers {
    const joining = { ...place, metadata: "", blockers };
    const standing = this.#state.join(joining, this.#nowMs);
    const isRefused = standing === "refused";
    const expected = this.#naive.join(joining, isRefused ? undefined : standing, this.#nowMs);
    return [isRefused ? standing : standing.ahead, expected];
  }

  #stand(place: Place, blockers: Blockers): Answers {
    const standing = this.#state.standing(place, blockers, this.#nowMs);
    const expected = this.#naive.standing(place, blockers, this.#nowMs);
    return [standing === "gone" ? standing : standing.ahead, expected];
  }

  #leave(place: Place, how: "token" | "older" | "final"): Answers {
    const { token = 1n } = this.#naive.find(place) ?? {};
    const shown = { token, older: token - 1n, final: undefined }[how];
    this.#state.leave(place, shown);
    this.#naive.leave(place, shown);
    return NOTHING;
  }

  #id(session: number): string {
    return this.#sessions[session % Math.max(1, this.#sessions.length)] ?? "none";
  }

  #place({ queue, session, number, role }: Spot): Place {
    const sessionId = this.#id(session);
    return { queue, sessionId, id: `${sessionId}.${number}`, role };
  }
}
