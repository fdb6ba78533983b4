import type { Persisted } from "./persistence.ts";

/**
 * A message on its way out: of `F`, which may be sent at once, or of `P`, which promises durability and
 * carries the proof of it.
 */
export type Outgoing<F, P> =
  | { readonly to: string; readonly message: F }
  | { readonly to: string; readonly message: P; readonly persisted: Persisted };

/** Collects what is to be sent, in order. */
export class Outbox<F, P> {
  #messages: Outgoing<F, P>[] = [];

  send(to: string, message: F): void {
    this.#messages.push({ to, message });
  }

  sendPromise(to: string, message: P, persisted: Persisted): void {
    this.#messages.push({ to, message, persisted });
  }

  take(): readonly Outgoing<F, P>[] {
    if (this.#messages.length === 0) return [];
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}
