import { type Clock, systemClock } from "@quorate/runtime";
import { resultOf, sessionOf } from "./caller-outcome.ts";
import { LogClock } from "./log-clock.ts";
import { encodeLogCommand, type LogCommand } from "./log-command.ts";
import type { Outcome } from "./outcome.ts";
import type {
  ProposeOptions,
  ReadOptions,
  ReadResult,
  ReplicatedLog,
  ReplicationStatus,
  WaitOptions,
} from "./replicated-log.ts";
import { ReplicationError } from "./replication-error.ts";
import type { SessionOptions } from "./session-options.ts";
import { type Applied, SessionedStateMachine } from "./sessioned-state-machine.ts";
import type { StateMachine } from "./state-machine.ts";

export interface LocalLogOptions {
  /** @default "local" */
  readonly nodeId?: string;
  /** Bounds on what is remembered for retries. */
  readonly sessions?: SessionOptions;
}

export interface LocalLogDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * A log of one node that keeps nothing: commands are applied at once, in the order of the calls. For
 * tests of state machines and of what is built on them, and for trying things out in one process.
 */
export class LocalLog<S extends StateMachine> implements ReplicatedLog<S> {
  readonly machine: S;
  readonly #nodeId: string;
  readonly #sessioned: SessionedStateMachine<S>;
  readonly #clock: LogClock;
  #index = 0;
  #isStopped = false;

  /** @throws {ReplicationError} `invalid-option`. */
  constructor(
    machine: S,
    { nodeId = "local", sessions }: LocalLogOptions = {},
    { clock = systemClock }: LocalLogDependencies = {},
  ) {
    this.machine = machine;
    this.#nodeId = nodeId;
    this.#sessioned = new SessionedStateMachine(machine, sessions);
    this.#clock = new LogClock(clock);
  }

  async propose(command: Uint8Array, options: ProposeOptions = {}): Promise<Outcome> {
    const { session } = options;
    const timeMs = this.#clock.now();
    const entry: LogCommand = session
      ? { kind: "session", timeMs, session, command }
      : { kind: "plain", command };
    return resultOf(this.#apply(entry, options));
  }

  async openSession(options: WaitOptions = {}): Promise<Outcome<number>> {
    return sessionOf(this.#apply({ kind: "open-session", timeMs: this.#clock.now() }, options));
  }

  async read<A>(query: (state: S) => A, { signal }: ReadOptions = {}): Promise<ReadResult<A>> {
    signal?.throwIfAborted();
    if (this.#isStopped) throw new ReplicationError("stopped", "the log was stopped");
    return { index: this.#index, value: query(this.machine) };
  }

  status(): ReplicationStatus {
    const index = this.#index;
    return {
      nodeId: this.#nodeId,
      role: this.#isStopped ? "stopped" : "leader",
      leader: this.#isStopped ? undefined : this.#nodeId,
      term: 1,
      commitIndex: index,
      appliedIndex: index,
      lastIndex: index,
      firstIndex: index + 1,
      voters: [this.#nodeId],
    };
  }

  explain(): string[] {
    return this.#isStopped ? ["the log was stopped"] : [];
  }

  /** It leads from the beginning, so nothing is ever told. */
  onLeader(_listener: (leader: string | undefined, term: number) => void): () => void {
    return () => {};
  }

  /** From now on commands are rejected, and reads fail, as `stopped`. */
  stop(): void {
    this.#isStopped = true;
  }

  #apply(entry: LogCommand, { signal }: WaitOptions): Outcome<Applied> {
    signal?.throwIfAborted();
    if (this.#isStopped) return { kind: "rejected", reason: "stopped" };
    const index = ++this.#index;
    const [result] = this.#sessioned.apply([{ index, command: encodeLogCommand(entry) }]);
    return { kind: "committed", index, result: result! };
  }
}
