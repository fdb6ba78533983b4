import { type Transport, TransportError } from "@quorate/transport";
import type { ConsensusCore, CoreInput, MessageCodec, Ready } from "./consensus-core.ts";
import type { Counters } from "./counters.ts";
import type { LogStorage } from "./log-storage.ts";

/** What the engine cannot do by itself. */
export interface EngineEvents<Message, Write> {
  /** Carries out all of `ready` but its messages and its write. */
  readonly ready: (ready: Ready<Message, Write>) => void;
  /** A write failed, or an invariant broke: the engine has stopped for good. */
  readonly failed: (code: "storage-failed" | "invariant-broken", cause: unknown) => void;
}

/**
 * Drives a core: every input schedules one look at what the core wants done, after all inputs of this
 * turn of the event loop. So a thousand proposals become one write and one message a follower, and a
 * single one waits for nothing.
 */
export class Engine<Message, Write, Proof> implements CoreInput {
  readonly core: ConsensusCore<Message, Write, Proof>;
  readonly #storage: LogStorage<unknown, Write, Proof>;
  readonly #transport: Transport;
  readonly #codec: MessageCodec<Message>;
  readonly #protocol: string;
  readonly #counters: Counters;
  readonly #events: EngineEvents<Message, Write>;
  readonly #writes = new Set<Promise<void>>();
  #pumpScheduled = false;
  #stopped = false;

  constructor(
    core: ConsensusCore<Message, Write, Proof>,
    parts: {
      readonly storage: LogStorage<unknown, Write, Proof>;
      readonly transport: Transport;
      readonly codec: MessageCodec<Message>;
      readonly protocol: string;
      readonly counters: Counters;
    },
    events: EngineEvents<Message, Write>,
  ) {
    this.core = core;
    this.#storage = parts.storage;
    this.#transport = parts.transport;
    this.#codec = parts.codec;
    this.#protocol = parts.protocol;
    this.#counters = parts.counters;
    this.#events = events;
  }

  /** Hands an input to the core. An exception from it, or from what follows, ends the node. */
  input<T>(give: (core: ConsensusCore<Message, Write, Proof>) => T): T | undefined {
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

  #send(messages: Ready<Message, Write>["messages"]): void {
    for (const { to, message } of messages) {
      if (!this.#trySend(to, this.#codec.encode(message))) this.#counters.messagesDropped++;
    }
  }

  /** A message that cannot be sent is a message that was lost: cores send it again when they must. */
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
