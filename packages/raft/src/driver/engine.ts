import { type Transport, TransportError } from "@quorate/transport";
import type { LogPosition } from "../core/log-position.ts";
import type { Message } from "../core/message.ts";
import { encodeMessage } from "../core/message-codec.ts";
import type { Outgoing } from "../core/outbox.ts";
import type { Write } from "../core/persisted.ts";
import type { RaftCore, Ready } from "../core/raft-core.ts";
import type { RaftStorage } from "../storage/raft-storage.ts";
import type { Counters } from "./counters.ts";

/** What the engine cannot do by itself. */
export interface EngineEvents {
  /** Carries out all of `ready` but its messages and its write. */
  readonly ready: (ready: Ready) => void;
  /** A write failed, or an invariant broke: the engine has stopped for good. */
  readonly failed: (code: "storage-failed" | "invariant-broken", cause: unknown) => void;
}

/**
 * Drives a core: every input schedules one look at what the core wants done, after all inputs of this
 * turn of the event loop. So a thousand proposals become one write and one message a follower, and a
 * single one waits for nothing.
 */
export class Engine {
  readonly core: RaftCore;
  readonly #storage: RaftStorage;
  readonly #transport: Transport;
  readonly #protocol: string;
  readonly #counters: Counters;
  readonly #events: EngineEvents;
  readonly #writes = new Set<Promise<void>>();
  #pumpScheduled = false;
  #stopped = false;

  constructor(
    core: RaftCore,
    storage: RaftStorage,
    transport: Transport,
    protocol: string,
    counters: Counters,
    events: EngineEvents,
  ) {
    this.core = core;
    this.#storage = storage;
    this.#transport = transport;
    this.#protocol = protocol;
    this.#counters = counters;
    this.#events = events;
  }

  /** Hands an input to the core. An exception from it, or from what follows, ends the node. */
  input<T>(give: (core: RaftCore) => T): T | undefined {
    if (this.#stopped) return undefined;
    try {
      const result = give(this.core);
      this.schedule();
      return result;
    } catch (error) {
      this.#fail("invariant-broken", error);
      return undefined;
    }
  }

  schedule(): void {
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
      const ready = this.core.ready();
      // In this order: the disk works while the messages travel (dissertation, §10.2.1).
      this.#send(ready.messages);
      if (ready.write) this.#persist(ready.write);
      this.#events.ready(ready);
    } catch (error) {
      this.#fail("invariant-broken", error);
    }
  }

  #send(messages: readonly Outgoing[]): void {
    let previous: Message | undefined;
    let bytes: Uint8Array | undefined;
    for (const { to, message } of messages) {
      // Followers that are equally far get the same append; it is encoded once.
      if (!bytes || !previous || !isSameAppend(message, previous)) bytes = encodeMessage(message);
      previous = message;
      if (!this.#trySend(to, bytes)) this.#counters.messagesDropped++;
    }
  }

  /** A message that cannot be sent is a message that was lost: Raft sends it again when it must. */
  #trySend(to: string, bytes: Uint8Array): boolean {
    try {
      return this.#transport.send(to, this.#protocol, bytes);
    } catch (error) {
      if (error instanceof TransportError) return false;
      throw error;
    }
  }

  #persist(write: Write): void {
    const done = this.#storage.persist(write).then(
      (proof) => this.input((core) => core.persisted(proof)),
      (error: unknown) => this.#fail("storage-failed", error),
    );
    this.#writes.add(done);
    void done.then(() => this.#writes.delete(done));
  }

  #fail(code: "storage-failed" | "invariant-broken", cause: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#events.failed(code, cause);
  }
}

function isSameAppend(message: Message, other: Message): boolean {
  return (
    message.type === "append-request" &&
    other.type === "append-request" &&
    message.commitIndex === other.commitIndex &&
    message.entries.length === other.entries.length &&
    isSamePosition(message.previous, other.previous)
  );
}

function isSamePosition(a: LogPosition, b: LogPosition): boolean {
  return a.index === b.index && a.term === b.term;
}
