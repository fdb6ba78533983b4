import type { Clock, Random, Timer } from "@quorate/runtime";
import type { Transport, Unsubscribe } from "@quorate/transport";
import { requireNodes } from "../../core/quorum/quorum-system.ts";
import { failureChannel } from "../../driver/channels.ts";
import { Engine } from "../../driver/engine.ts";
import { PaxosError } from "../../paxos-error.ts";
import type { Frame } from "../core/frame.ts";
import type { Current, Decision } from "../core/operation.ts";
import type { RegisterOutcome, Versioned } from "../core/outcome.ts";
import type { RegisterConfig } from "../core/register-config.ts";
import { RegisterCore, type RegisterReady } from "../core/register-core.ts";
import type { KeyState, RegisterRecord } from "../core/register-record.ts";
import type { Version } from "../core/version.ts";
import type {
  CallOptions,
  Compared,
  Expected,
  RegisterMetrics,
  RegisterNode,
  RegisterStatus,
} from "../register-node.ts";
import type { ValidatedRegisterOptions } from "../register-options.ts";
import type { RegisterStorage } from "../storage/register-storage.ts";
import { Call } from "./call.ts";
import { comparing, deleting, getting, setting, updating } from "./decisions.ts";
import { explainRegister } from "./explain-register.ts";
import { FrameLink } from "./frame-link.ts";
import { MemberChange } from "./member-change.ts";
import { serveMembers } from "./member-service.ts";

const TICKS_PER_RETRANSMIT = 4;
const MAX_BYTES_PER_CHARACTER = 3;
const ENCODER = new TextEncoder();
const HALF_CHARACTER = /\p{Surrogate}/u;

interface Dependencies {
  readonly transport: Transport;
  readonly storage: RegisterStorage;
  readonly clock: Clock;
  readonly random: Random;
}

type RegisterEngine = Engine<RegisterCore, Frame, RegisterRecord>;

/** A node: the engine, with its callers on one side and the transport on the other. */
export class DrivenRegisterNode implements RegisterNode {
  readonly #options: ValidatedRegisterOptions;
  readonly #dependencies: Dependencies;
  readonly #link: FrameLink;
  readonly #failureListeners = new Set<(error: PaxosError) => void>();
  #engine: RegisterEngine | undefined;
  #failure: PaxosError | undefined;
  #ended: Promise<void> | undefined;
  #unsubscribe: readonly Unsubscribe[] = [];
  #ticker: Timer | undefined;
  #isChanging = false;

  constructor(options: ValidatedRegisterOptions, dependencies: Dependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#link = new FrameLink(dependencies.transport, this.#protocol);
  }

  async start(): Promise<void> {
    const { storage, transport, random, clock } = this.#dependencies;
    const loaded = await storage.load();
    if (this.#ended) {
      await storage.close();
      throw new PaxosError("stopped", "the node was stopped meanwhile");
    }
    const draws = random.fork(`register/${this.#options.name}/${transport.nodeId}`);
    const engine: RegisterEngine = new Engine({
      core: new RegisterCore(this.#options, loaded, draws),
      send: (to, message) => this.#link.send(to, message),
      persist: (write) => storage.persist(write),
      ready: (ready) => this.#carryOut(engine, ready),
      failed: (code, cause) => this.#fail(code, cause),
    });
    this.#engine = engine;
    engine.input((core) => core.foundEmpty(loaded.empty));
    const { core } = engine;
    this.#unsubscribe = [
      this.#link.listen((from, frame) => engine.input((each) => each.receive(from, frame))),
      serveMembers(transport, this.#memberProtocol, { identity: loaded.identity, core, storage }),
    ];
    this.#tickAgain(engine, clock.now());
  }

  stop(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async get(key: string, options?: CallOptions): Promise<RegisterOutcome<Versioned | undefined>> {
    return this.#call(this.#checked(key), "read", getting, options);
  }

  async set(
    key: string,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<RegisterOutcome<Version>> {
    this.#checked(key);
    if (this.#isTooLarge(value)) return { kind: "rejected", reason: "too-large" };
    return this.#call(key, "write", setting(value), options);
  }

  async compareAndSet(
    key: string,
    expected: Expected,
    value: Uint8Array | undefined,
    options?: CallOptions,
  ): Promise<RegisterOutcome<Compared>> {
    this.#checked(key);
    const decide = comparing(expected, value);
    if (value && this.#isTooLarge(value)) return { kind: "rejected", reason: "too-large" };
    return this.#call(key, "write", decide, options);
  }

  async update(
    key: string,
    change: (current: Uint8Array | undefined) => Uint8Array | undefined,
    options?: CallOptions,
  ): Promise<RegisterOutcome<Versioned | undefined>> {
    const decide = updating(change, this.#options.maxValueBytes);
    return this.#call(this.#checked(key), "write", decide, options);
  }

  async delete(key: string, options?: CallOptions): Promise<RegisterOutcome<boolean>> {
    return this.#call(this.#checked(key), "write", deleting, options);
  }

  async changeMembers(
    members: readonly string[],
    { signal, timeoutMs = 60_000 }: CallOptions = {},
  ): Promise<RegisterOutcome<readonly string[]>> {
    requireNodes(members);
    this.#requireStarted();
    if (this.#isChanging) return { kind: "rejected", reason: "overloaded" };
    this.#isChanging = true;
    const { clock } = this.#dependencies;
    const endMs = clock.now() + timeoutMs;
    const whyNot = (): "stopped" | "aborted" | "timeout" | undefined => {
      if (this.#ended) return "stopped";
      if (signal?.aborted) return "aborted";
      return clock.now() >= endMs ? "timeout" : undefined;
    };
    try {
      await this.#memberChange(members, () => whyNot() !== undefined).run();
      return { kind: "committed", result: this.status().members };
    } catch (error) {
      const reason = whyNot();
      if (reason === undefined || !(error instanceof GivenUp)) throw error;
      return { kind: "unknown", reason };
    } finally {
      this.#isChanging = false;
    }
  }

  onFailure(listener: (error: PaxosError) => void): () => void {
    this.#failureListeners.add(listener);
    return () => void this.#failureListeners.delete(listener);
  }

  status(): RegisterStatus {
    const core = this.#engine?.core;
    const names = (members: RegisterConfig["members"]): string[] => members.map(({ node }) => node);
    const next = core?.config.next;
    return {
      nodeId: this.#dependencies.transport.nodeId,
      isRunning: core !== undefined && !this.#ended,
      epoch: core?.config.epoch ?? 0,
      members: core ? names(core.config.members) : this.#options.members,
      nextMembers: next && names(next),
      votes: core?.votes ?? false,
    };
  }

  explain(): string[] {
    if (this.#failure) return [`the node has stopped: ${this.#failure.message}`];
    return explainRegister(this.status(), this.metrics());
  }

  metrics(): RegisterMetrics {
    const { sent, dropped, received, refused } = this.#link;
    const core = this.#engine?.core;
    const disk = core && this.#dependencies.storage.metrics();
    return {
      framesSent: sent,
      framesDropped: dropped,
      framesReceived: received,
      framesRefused: refused,
      operations: core?.proposer.operations ?? 0,
      busyKeys: core?.proposer.busyKeys ?? 0,
      promisedKeys: core?.proposer.promisedKeys ?? 0,
      keysInMemory: core?.keysInMemory ?? 0,
      keysOnDisk: disk?.keys ?? 0,
      indexBytes: disk?.indexBytes ?? 0,
      logRecords: disk?.records ?? 0,
      keysToCollect: core?.collector.waiting ?? 0,
      keysCollected: core?.collector.collected ?? 0,
    };
  }

  get #protocol(): string {
    return `quorate/paxos/register/${this.#options.name}`;
  }

  get #memberProtocol(): string {
    return `${this.#protocol}/members`;
  }

  #call<R>(
    key: string,
    kind: "read" | "write",
    decide: (current: Current) => Decision<R>,
    { signal, timeoutMs = this.#options.timeoutMs }: CallOptions = {},
  ): RegisterOutcome<R> | Promise<RegisterOutcome<R>> {
    const engine = this.#requireStarted();
    if (this.#ended) return { kind: "rejected", reason: "stopped" };
    if (signal?.aborted) return { kind: "rejected", reason: "aborted" };
    if (!(timeoutMs >= 1)) {
      throw new PaxosError("invalid-option", `timeoutMs must be from 1, not ${timeoutMs}`);
    }
    const call = new Call(key, kind, decide, engine.core.nowMs + timeoutMs, signal);
    const outcome = call.outcome(() => engine.input((core) => core.abort(call)));
    engine.input((core) => core.submit(call));
    return outcome;
  }

  /** Reads come back later, or at once; then they are part of the same turn. */
  #carryOut(
    engine: RegisterEngine,
    { reads, settled }: Pick<RegisterReady, "reads" | "settled">,
  ): void {
    for (const { operation, outcome } of settled) (operation as Call<unknown>).settle(outcome);
    for (const key of reads) this.#read(engine, key);
  }

  #read(engine: RegisterEngine, key: string): void {
    const state = this.#dependencies.storage.read(key);
    const loaded = (found: KeyState): void => engine.input((core) => core.loaded(key, found));
    if (!(state instanceof Promise)) return loaded(state);
    state.then(loaded, (error: unknown) => this.#fail("storage-failed", error));
  }

  #memberChange(target: readonly string[], isOver: () => boolean): MemberChange {
    const { transport, clock } = this.#dependencies;
    const engine = this.#requireStarted();
    return new MemberChange(
      {
        transport,
        protocol: this.#memberProtocol,
        clock,
        config: () => engine.core.config,
        write: async (key, decide) => this.#call(key, "write", decide),
        adopt: (config, nodes) =>
          engine.input((core) => {
            core.adopt(config);
            core.announce(new Set(nodes));
          }),
        requireWanted: () => {
          if (isOver()) throw new GivenUp();
        },
      },
      target,
    );
  }

  /** Time is let in in small steps: a process that was paused has seen no more than one of them. */
  #tickAgain(engine: RegisterEngine, lastMs: number): void {
    const { clock } = this.#dependencies;
    const stepMs = Math.max(1, this.#options.retransmitMs / TICKS_PER_RETRANSMIT);
    this.#ticker = clock.setTimer(stepMs, () => {
      const nowMs = clock.now();
      engine.input((core) => core.tick(Math.min(nowMs - lastMs, 2 * stepMs)));
      if (!this.#ended) this.#tickAgain(engine, nowMs);
    });
  }

  #checked(key: string): string {
    const { maxKeyBytes } = this.#options;
    const isShort =
      key.length * MAX_BYTES_PER_CHARACTER <= maxKeyBytes ||
      ENCODER.encode(key).length <= maxKeyBytes;
    if (key !== "" && isShort && !HALF_CHARACTER.test(key)) return key;
    const rule = `a key must be 1 to ${maxKeyBytes} bytes of well-formed UTF-16`;
    throw new PaxosError("invalid-option", `${rule}, not ${JSON.stringify(key.slice(0, 40))}`);
  }

  #isTooLarge(value: Uint8Array): boolean {
    return value.length > this.#options.maxValueBytes;
  }

  #requireStarted(): RegisterEngine {
    if (this.#engine) return this.#engine;
    throw new PaxosError("not-started", "the node was not started");
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
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const engine = this.#engine;
    if (!engine) return;
    engine.core.stop();
    this.#carryOut(engine, { settled: engine.core.ready().settled, reads: [] });
    await engine.stop();
    await this.#dependencies.storage.close();
  }
}

/** Nobody waits for a change of members any more. */
class GivenUp extends Error {}
