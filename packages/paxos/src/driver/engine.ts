import type { Persisted, Write } from "../core/persistence.ts";

/** What any core of this package wants done: messages of `M` sent, records of `R` written. */
export interface DrivenCore<M, R> {
  ready(): {
    readonly messages: readonly { readonly to: string; readonly message: M }[];
    readonly write: Write<R> | undefined;
  };
  persisted(proof: Persisted): void;
}

/** What an engine cannot do by itself. */
export interface EngineParts<C extends DrivenCore<M, R>, M, R> {
  readonly core: C;
  readonly send: (to: string, message: M) => void;
  readonly persist: (write: Write<R>) => Promise<Persisted>;
  /** Looks at the core after each round, and carries out all but its messages and its write. */
  readonly ready: (ready: ReturnType<C["ready"]>) => void;
  /** A write failed, or an invariant broke: the engine has stopped for good. */
  readonly failed: (code: "storage-failed" | "invariant-broken", cause: unknown) => void;
}

/**
 * Drives a core: every input schedules one look at what the core wants done, after all inputs of this
 * turn of the event loop. So many inputs become one write, and a single one waits for nothing.
 */
export class Engine<C extends DrivenCore<M, R>, M, R> {
  readonly #parts: EngineParts<C, M, R>;
  readonly #writes = new Set<Promise<void>>();
  #pumpScheduled = false;
  #stopped = false;

  constructor(parts: EngineParts<C, M, R>) {
    this.#parts = parts;
  }

  get core(): C {
    return this.#parts.core;
  }

  /** Hands an input to the core. An exception from it, or from what follows, ends the node. */
  input(give: (core: C) => void): void {
    if (this.#stopped) return;
    try {
      give(this.core);
    } catch (error) {
      return this.#fail("invariant-broken", error);
    }
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    queueMicrotask(() => this.#pump());
  }

  /** Nothing is sent or written any more; resolves when no write is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#writes);
  }

  #pump(): void {
    this.#pumpScheduled = false;
    if (this.#stopped) return;
    try {
      const ready = this.core.ready() as ReturnType<C["ready"]>;
      for (const { to, message } of ready.messages) this.#parts.send(to, message);
      if (ready.write) this.#persist(ready.write);
      this.#parts.ready(ready);
    } catch (error) {
      this.#fail("invariant-broken", error);
    }
  }

  #persist(write: Write<R>): void {
    const done = this.#parts.persist(write).then(
      (proof) => this.input((core) => core.persisted(proof)),
      (error: unknown) => this.#fail("storage-failed", error),
    );
    this.#writes.add(done);
    void done.then(() => this.#writes.delete(done));
  }

  #fail(code: "storage-failed" | "invariant-broken", cause: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#parts.failed(code, cause);
  }
}
