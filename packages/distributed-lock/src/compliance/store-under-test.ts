import type {
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Role,
  Standing,
} from "../store/coordination-store.ts";

/** A store that is held to the suite: one for each case, or one for all. */
export interface StoreUnderTest {
  /** Another client of the same store, each time. */
  connect(): Promise<CoordinationStore>;
  /** Milliseconds: the shortest time that a session may ask for, and is granted as it is. */
  readonly minTtlMs: number;
  /** Lets time pass. Left out where it passes by itself. */
  pass?(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export type StoreFactory = () => Promise<StoreUnderTest>;

/** Waits for nobody. */
export const NOBODY = { roles: "any", limit: 0 } as const;
/** Waits for everybody: the nearest one is told. */
export const EVERYBODY = { roles: "any", limit: 1 } as const;

/** Long enough to do something in. */
const LONG_TTL_MS = 30_000;

/** What a case works with: clients of the store, and queues that no other case uses. */
export class Workshop {
  readonly #under: StoreUnderTest;
  readonly #prefix = `compliance-${globalThis.crypto.randomUUID()}`;

  constructor(under: StoreUnderTest) {
    this.#under = under;
  }

  get minTtlMs(): number {
    return this.#under.minTtlMs;
  }

  queue(name = "queue"): string {
    return `${this.#prefix}/${name}`;
  }

  async member(ttlMs: number = LONG_TTL_MS): Promise<Member> {
    const store = await this.#under.connect();
    const { id } = await store.openSession(ttlMs);
    return new Member(store, id);
  }

  /** Until `event` has happened, with as much time as it takes. */
  async passUntil<T>(event: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const settle = (): void => void (state.isOver = true);
    event.then(settle, settle);
    while (this.#under.pass && !state.isOver) await this.#under.pass(this.minTtlMs / 4);
    return event;
  }

  /** A part of the shortest session's time passes. */
  async pass(ms: number): Promise<void> {
    if (this.#under.pass) await this.#under.pass(ms);
    else await new Promise<void>((resolve) => void setTimeout(resolve, ms));
  }
}

/** A client of the store with one session. */
export class Member {
  readonly store: CoordinationStore;
  readonly session: string;

  constructor(store: CoordinationStore, session: string) {
    this.store = store;
    this.session = session;
  }

  place(queue: string, number = 0, role: Role = "exclusive"): Place {
    const id = number === 0 ? this.session : `${this.session}.${number}`;
    return { queue, sessionId: this.session, id, role };
  }

  async join(place: Place, request: Partial<JoinRequest> = {}): Promise<Standing> {
    const standing = await this.tryJoin(place, request);
    if (standing === "refused") throw new Error(`${place.id} was refused`);
    return standing;
  }

  tryJoin(place: Place, request: Partial<JoinRequest> = {}): Promise<Standing | "refused"> {
    return this.store.join({ ...place, metadata: "", blockers: EVERYBODY, ...request });
  }
}

export function idsOf(contenders: readonly Contender[]): readonly string[] {
  return contenders.map(({ id }) => id);
}

/** Runs a case against a store that is stopped whatever happens. */
export function withStore(
  factory: StoreFactory,
  run: (workshop: Workshop) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const under = await factory();
    try {
      await run(new Workshop(under));
    } finally {
      await under.stop();
    }
  };
}
