import type { Clock } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type {
  Blockers,
  Contender,
  CoordinationStore,
  Guarantees,
  JoinRequest,
  Place,
  Renewal,
  Standing,
  StoreCall,
  StoreSession,
} from "../src/index.ts";
import { decode, encode, PROTOCOL, type Reply } from "./wire.ts";

/** A wait whose answer was lost must be asked for again, since waits never end in vain. */
const ASK_AGAIN_MS = 700;

/**
 * A store behind a network on which messages are lost, come late and are overtaken. Each call is sent
 * once: of one that is not answered nobody knows anything, as the interface says.
 */
export class RemoteStore implements CoordinationStore {
  readonly guarantees: Guarantees = {
    fencing: true,
    fifo: true,
    quorum: true,
    clockDependent: false,
  };
  readonly #server: string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #life: string;
  readonly #pending = new Map<number, (result: unknown) => void>();
  #calls = 0;

  constructor(server: string, transport: Transport, clock: Clock, life: string) {
    this.#server = server;
    this.#transport = transport;
    this.#clock = clock;
    this.#life = life;
    transport.onMessage(PROTOCOL, (_, bytes) => {
      const { id, life: of, result } = decode(bytes) as Reply;
      if (of === life) this.#pending.get(id)?.(result);
    });
  }

  openSession(ttlMs: number, call?: StoreCall): Promise<StoreSession> {
    return this.#ask(call, "openSession", ttlMs);
  }

  keepAlive(sessionId: string, call?: StoreCall): Promise<Renewal> {
    return this.#ask(call, "keepAlive", sessionId);
  }

  closeSession(sessionId: string, call?: StoreCall): Promise<void> {
    return this.#ask(call, "closeSession", sessionId);
  }

  join(request: JoinRequest, call?: StoreCall): Promise<Standing | "refused"> {
    return this.#ask(call, "join", request);
  }

  standing(
    place: Place,
    blockers: Blockers,
    call?: StoreCall,
  ): Promise<Pick<Standing, "ahead"> | "gone"> {
    return this.#ask(call, "standing", place, blockers);
  }

  leave(place: Place, token: bigint | undefined, call?: StoreCall): Promise<void> {
    return this.#ask(call, "leave", place, token ?? null);
  }

  contenders(queue: string, limit: number, call?: StoreCall): Promise<readonly Contender[]> {
    return this.#ask(call, "contenders", queue, limit);
  }

  whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    return this.#wait(call, "whenGone", queue, ref);
  }

  whenJoined(queue: string, call?: StoreCall): Promise<void> {
    return this.#wait(call, "whenJoined", queue);
  }

  #ask<T>({ signal }: StoreCall = {}, method: string, ...values: readonly unknown[]): Promise<T> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#pending.delete(id);
        reject(signal!.reason as Error);
      };
      this.#pending.set(id, (result) => {
        this.#pending.delete(id);
        signal?.removeEventListener("abort", abort);
        resolve(result as T);
      });
      signal?.addEventListener("abort", abort, { once: true });
      const message = encode({ id, life: this.#life, method, values });
      this.#transport.send(this.#server, PROTOCOL, message);
    });
  }

  async #wait(call: StoreCall | undefined, method: string, ...values: string[]): Promise<void> {
    const over = new AbortController();
    const abort = (): void => over.abort(call!.signal!.reason);
    call?.signal?.addEventListener("abort", abort, { once: true });
    const { signal } = over;
    while (!signal.aborted) {
      const again = new AbortController();
      const give = (): void => again.abort(new Error("not answered"));
      signal.addEventListener("abort", give, { once: true });
      const timer = this.#clock.setTimer(ASK_AGAIN_MS, give);
      const answered = await this.#ask({ signal: again.signal }, method, ...values).then(
        () => true,
        () => false,
      );
      timer.cancel();
      signal.removeEventListener("abort", give);
      if (answered) return;
    }
    const last = call?.signal?.reason as Error;
    throw last;
  }
}
