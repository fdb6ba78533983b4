import type { FreeMessage, PromisingMessage } from "./message.ts";
import type { Persisted } from "./persisted.ts";

/** A message on its way out; one that promises durability carries the proof of it. */
export type Outgoing =
  | { readonly to: string; readonly message: FreeMessage }
  | { readonly to: string; readonly message: PromisingMessage; readonly persisted: Persisted };

/** Collects what is to be sent, in order. */
export class Outbox {
  #messages: Outgoing[] = [];

  send(to: string, message: FreeMessage): void {
    this.#messages.push({ to, message });
  }

  sendPromise(to: string, message: PromisingMessage, persisted: Persisted): void {
    this.#messages.push({ to, message, persisted });
  }

  take(): readonly Outgoing[] {
    if (this.#messages.length === 0) return [];
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}
