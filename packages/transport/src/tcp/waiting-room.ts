import { Deadline } from "../session/deadlines.ts";
import type { Session } from "../session/session.ts";
import type { SessionContext } from "../session/session-context.ts";
import { TransportError } from "../transport-error.ts";
import type { NodeId } from "../transport.ts";

/** What a waiting call counts beside its message. */
const OVERHEAD_BYTES = 64;

/** What was asked of a peer while there is no connection, in order, and bounded. */
export class WaitingRoom {
  readonly #peer: NodeId;
  readonly #context: SessionContext;
  readonly #waiting = new Set<Waiter>();
  #bytes = 0;

  constructor(peer: NodeId, context: SessionContext) {
    this.#peer = peer;
    this.#context = context;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A message; false when there is no room. */
  send(protocol: string, message: Uint8Array): boolean {
    const { counters } = this.#context;
    const bytes = message.length + OVERHEAD_BYTES;
    if (this.#isFullWith(bytes)) {
      counters.messagesDropped++;
      return false;
    }
    const admit = (session: Session): void => {
      try {
        session.send(protocol, message);
      } catch {
        counters.messagesDropped++; // larger than what the other side takes
      }
    };
    this.#enter(new Waiter(bytes, admit, () => void counters.messagesDropped++));
    return true;
  }

  /** A call that `begin` begins once there is a connection. */
  call<T>(
    messageBytes: number,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    begin: (session: Session, waitedMs: number) => Promise<T>,
  ): Promise<T> {
    const bytes = messageBytes + OVERHEAD_BYTES;
    if (this.#isFullWith(bytes)) {
      const message = `${this.#bytes} bytes wait for a connection to ${this.#peer}`;
      throw new TransportError("overloaded", message);
    }
    const { clock, deadlines } = this.#context;
    const sinceMs = clock.now();
    return new Promise((resolve, reject) => {
      const abort = (): void => this.#turnAway(waiter, signal?.reason);
      const admit = (session: Session): void => {
        try {
          resolve(begin(session, clock.now() - sinceMs));
        } catch (error) {
          reject(error);
        }
      };
      const waiter = new Waiter(bytes, admit, reject);
      waiter.onLeave = () => signal?.removeEventListener("abort", abort);
      waiter.onExpire = () => this.#turnAway(waiter, this.#late(timeoutMs));
      signal?.addEventListener("abort", abort, { once: true });
      deadlines.add(waiter, timeoutMs);
      this.#enter(waiter);
    });
  }

  /** There is a connection. */
  admitAll(session: Session): void {
    for (const waiter of this.#waiting) {
      this.#leave(waiter);
      waiter.admit(session);
    }
  }

  /** There will be none, for the time being. */
  turnAllAway(error: TransportError): void {
    for (const waiter of this.#waiting) this.#turnAway(waiter, error);
  }

  #enter(waiter: Waiter): void {
    this.#waiting.add(waiter);
    this.#bytes += waiter.bytes;
  }

  #leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    this.#bytes -= waiter.bytes;
    this.#context.deadlines.remove(waiter);
    waiter.onLeave();
  }

  #turnAway(waiter: Waiter, reason: unknown): void {
    this.#leave(waiter);
    waiter.turnAway(reason);
  }

  #late(timeoutMs: number): TransportError {
    const message = `no connection to ${this.#peer} within ${timeoutMs} ms`;
    return new TransportError("unreachable", message);
  }

  #isFullWith(bytes: number): boolean {
    return this.#bytes + bytes > this.#context.limits.maxQueuedBytesPerPeer;
  }
}

class Waiter extends Deadline {
  readonly bytes: number;
  readonly admit: (session: Session) => void;
  readonly turnAway: (reason: unknown) => void;
  onLeave: () => void = () => {};
  onExpire: () => void = () => {};

  constructor(
    bytes: number,
    admit: (session: Session) => void,
    turnAway: (reason: unknown) => void,
  ) {
    super();
    this.bytes = bytes;
    this.admit = admit;
    this.turnAway = turnAway;
  }

  override expire(): void {
    this.onExpire();
  }
}
