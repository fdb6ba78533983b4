import type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Standing,
  StoreCall,
  StoreSession,
} from "../src/index.ts";

/** Counts what locks ask of a store. */
export class CountingStore implements CoordinationStore {
  readonly guarantees: CoordinationStore["guarantees"];
  readonly #store: CoordinationStore;
  /** All but renewals. */
  calls = 0;
  /** Waits for somebody to go that began, and those that ended so. */
  waits = 0;
  woken = 0;

  constructor(store: CoordinationStore) {
    this.#store = store;
    this.guarantees = store.guarantees;
  }

  openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    this.calls++;
    return this.#store.openSession(ttlMs, call);
  }

  keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    return this.#store.keepAlive(sessionId, call);
  }

  closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    this.calls++;
    return this.#store.closeSession(sessionId, call);
  }

  join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    this.calls++;
    return this.#store.join(request, call);
  }

  standing(
    place: Place,
    blockers: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    this.calls++;
    return this.#store.standing(place, blockers, call);
  }

  leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    this.calls++;
    return this.#store.leave(place, token, call);
  }

  contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    this.calls++;
    return this.#store.contenders(queue, limit, call);
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    this.calls++;
    this.waits++;
    await this.#store.whenGone(queue, ref, call);
    this.woken++;
  }

  whenJoined(queue: string, call?: StoreCall): Promise<void> {
    this.calls++;
    return this.#store.whenJoined(queue, call);
  }
}
