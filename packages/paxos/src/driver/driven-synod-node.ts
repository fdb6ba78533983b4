import type { Clock, Random, Timer } from "@quorate/runtime";
import { type Transport, TransportError, type Unsubscribe } from "@quorate/transport";
import type { AcceptorState } from "../core/acceptor-state.ts";
import type { Message } from "../core/synod/message.ts";
import { decodeMessage, encodeMessage } from "../core/synod/message-codec.ts";
import { SynodCore } from "../core/synod/synod-core.ts";
import type { ValidatedSynodOptions } from "../options.ts";
import { PaxosError } from "../paxos-error.ts";
import type { SynodStorage } from "../storage/synod-storage.ts";
import { failureChannel, messageChannel } from "./channels.ts";
import { Engine } from "./engine.ts";
import { explain } from "./explain.ts";
import type { SynodMetrics, SynodNode, SynodStatus } from "./synod-node.ts";
import { Waiters } from "./waiters.ts";

const TICKS_PER_RETRANSMIT = 4;

interface Dependencies {
  readonly transport: Transport;
  readonly storage: SynodStorage;
  readonly clock: Clock;
  readonly random: Random;
}

type SynodEngine = Engine<SynodCore<Uint8Array>, Message<Uint8Array>, AcceptorState<Uint8Array>>;

/** A node: the engine, with its callers on one side and the transport on the other. */
export class DrivenSynodNode implements SynodNode {
  readonly #options: ValidatedSynodOptions;
  readonly #dependencies: Dependencies;
  readonly #protocol: string;
  readonly #waiters: Waiters<Uint8Array>;
  readonly #failureListeners = new Set<(error: PaxosError) => void>();
  readonly #counters = { sent: 0, dropped: 0, received: 0, refused: 0 };
  #engine: SynodEngine | undefined;
  #failure: PaxosError | undefined;
  #ended: Promise<void> | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #ticker: Timer | undefined;

  constructor(options: ValidatedSynodOptions, dependencies: Dependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#protocol = `quorate/paxos/${options.name}`;
    this.#waiters = new Waiters(options.maxWaiting);
  }

  async start(): Promise<void> {
    const { storage, transport, random, clock } = this.#dependencies;
    const { identity, state } = await storage.load();
    if (this.#ended) {
      await storage.close();
      throw this.#stoppedError();
    }
    const draws = random.fork(`paxos/${this.#options.name}/${transport.nodeId}`);
    const engine: SynodEngine = new Engine({
      core: new SynodCore(this.#options, identity, state, draws),
      send: (to, message) => this.#send(to, message),
      persist: (write) => storage.persist(write),
      ready: () => this.#lookForChosen(),
      failed: (code, cause) => this.#fail(code, cause),
    });
    this.#engine = engine;
    this.#unsubscribe = transport.onMessage(this.#protocol, (from, bytes) =>
      this.#receive(engine, from, bytes),
    );
    this.#tickAgain(engine, clock.now());
  }

  stop(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async propose(
    value: Uint8Array,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array> {
    const { maxValueBytes } = this.#options;
    if (value.length > maxValueBytes) {
      throw new PaxosError("too-large", `${value.length} bytes are above ${maxValueBytes}`);
    }
    if (this.chosen) return this.chosen;
    const engine = this.#requireRunning();
    const chosen = this.#waiters.wait(signal);
    engine.input((core) => core.propose(value));
    return chosen;
  }

  async whenChosen({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
    if (this.chosen) return this.chosen;
    this.#requireRunning();
    return this.#waiters.wait(signal);
  }

  get chosen(): Uint8Array | undefined {
    return this.#engine?.core.chosen?.value;
  }

  onFailure(listener: (error: PaxosError) => void): () => void {
    this.#failureListeners.add(listener);
    return () => void this.#failureListeners.delete(listener);
  }

  status(): SynodStatus {
    const core = this.#engine?.core;
    const isRunning = core && !this.#ended;
    return {
      nodeId: this.#dependencies.transport.nodeId,
      phase: isRunning ? core.proposer.phase : "stopped",
      ballot: isRunning ? core.proposer.ballot : undefined,
      votes: core?.acceptor !== undefined,
      promised: core?.acceptor?.state.promised,
      isChosen: core?.chosen !== undefined,
    };
  }

  explain(): string[] {
    if (this.#failure) return [`the node has stopped: ${this.#failure.message}`];
    return explain(this.status());
  }

  metrics(): SynodMetrics {
    const { sent, dropped, received, refused } = this.#counters;
    return {
      messagesSent: sent,
      messagesDropped: dropped,
      messagesReceived: received,
      messagesRefused: refused,
      waiting: this.#waiters.size,
    };
  }

  #receive(engine: SynodEngine, from: string, bytes: Uint8Array): void {
    let message: Message<Uint8Array>;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof PaxosError)) throw error;
      this.#counters.refused++;
      return;
    }
    this.#counters.received++;
    if (messageChannel.hasSubscribers) {
      messageChannel.publish({ nodeId: this.#dependencies.transport.nodeId, from, message });
    }
    engine.input((core) => core.receive(from, message));
  }

  /** A message that cannot be sent is a message that was lost: it is sent again when it must. */
  #send(to: string, message: Message<Uint8Array>): void {
    const { transport } = this.#dependencies;
    let isSent = false;
    try {
      isSent = transport.send(to, this.#protocol, encodeMessage(message));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
    }
    this.#counters[isSent ? "sent" : "dropped"]++;
  }

  #lookForChosen(): void {
    const { chosen } = this;
    if (chosen) this.#waiters.resolveAll(chosen);
  }

  /** Time is let in in small steps: a process that was paused has seen no more than one of them. */
  #tickAgain(engine: SynodEngine, lastMs: number): void {
    const { clock } = this.#dependencies;
    const stepMs = Math.max(1, this.#options.retransmitMs / TICKS_PER_RETRANSMIT);
    this.#ticker = clock.setTimer(stepMs, () => {
      const nowMs = clock.now();
      engine.input((core) => core.tick(Math.min(nowMs - lastMs, 2 * stepMs)));
      if (!this.#ended) this.#tickAgain(engine, nowMs);
    });
  }

  #requireRunning(): SynodEngine {
    if (this.#ended) throw this.#stoppedError();
    if (!this.#engine) throw new PaxosError("not-started", "the node was not started");
    return this.#engine;
  }

  #stoppedError(): PaxosError {
    return new PaxosError("stopped", "the node does not run", { cause: this.#failure });
  }

  /** The node must not go on: it answers nothing more, and tells whoever started it. */
  #fail(code: "storage-failed" | "invariant-broken", cause: unknown): void {
    if (this.#failure || this.#ended) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new PaxosError(code, reason, { cause });
    const { nodeId } = this.#dependencies.transport;
    failureChannel.publish({ nodeId, error: this.#failure });
    this.#ended = this.#end().catch(() => {});
    for (const listener of this.#failureListeners) listener(this.#failure);
  }

  async #end(): Promise<void> {
    this.#ticker?.cancel();
    this.#unsubscribe?.();
    this.#waiters.rejectAll(this.#stoppedError());
    if (!this.#engine) return;
    await this.#engine.stop();
    await this.#dependencies.storage.close();
  }
}
