import { type Attempts, type Deadline, GaveUp, type Task } from "./attempts.ts";
import { SequenceWindow } from "./sequence-window.ts";

/** A session that a cluster opened for this client. */
export interface ClientSession {
  readonly id: number;
  readonly sequences: SequenceWindow;
}

// A session that was opened by an attempt whose answer was lost is never used, and expires.
const OPEN_SESSION: Task<ClientSession> = {
  request: (timeoutMs) => ({ kind: "open-session", timeoutMs }),
  take: (answer) =>
    answer.kind === "session"
      ? { id: answer.sessionId, sequences: new SequenceWindow() }
      : undefined,
  lost: () => undefined,
};

/** The session that writes are numbered in: opened by the first write, and again once it expired. */
export class ClientSessions {
  readonly #attempts: Attempts;
  readonly #openWithin: () => Deadline;
  #current: ClientSession | undefined;
  #opening: Promise<ClientSession | GaveUp> | undefined;

  constructor(attempts: Attempts, openWithin: () => Deadline) {
    this.#attempts = attempts;
    this.#openWithin = openWithin;
  }

  get current(): ClientSession | undefined {
    return this.#current;
  }

  /** The cluster knows `session` no more; whoever comes next opens another. */
  expire(session: ClientSession): void {
    if (this.#current === session) this.#current = undefined;
  }

  /** Waits for the session that some write has begun to open, or begins. */
  async open(deadline: Deadline): Promise<ClientSession | GaveUp> {
    while (!this.#current) {
      const end = this.#attempts.end(deadline);
      if (end) return end;
      // Not within this caller's deadline, since others will wait for it too.
      this.#opening ??= this.#open();
      let opened: ClientSession | GaveUp | undefined;
      const opening = this.#opening.then((result) => (opened = result));
      await this.#attempts.wait(Infinity, deadline, opening);
      if (opened instanceof GaveUp && opened.reason !== "timeout") return opened;
    }
    return this.#current;
  }

  async #open(): Promise<ClientSession | GaveUp> {
    try {
      const result = await this.#attempts.run(OPEN_SESSION, this.#openWithin());
      if (!(result instanceof GaveUp)) this.#current = result;
      return result;
    } finally {
      this.#opening = undefined;
    }
  }
}
