import type { Outcome, StateMachine, UnknownReason, WaitOptions } from "@quorate/replication";
import {
  type Algorithm,
  DrivenLog,
  type DriverDependencies,
  requireVoters,
} from "@quorate/replication/driver";
import type { Clock, Timer } from "@quorate/runtime";
import type { Persisted, Write } from "../../core/persistence.ts";
import { type Change, namesAfter } from "../core/configuration-change.ts";
import type { LogCore } from "../core/log-core.ts";
import type { LogRecord } from "../core/log-record.ts";
import type { Message } from "../core/message.ts";
import type { RecoveredNode } from "../storage/paxos-log-storage.ts";
import { MAX_VOTERS, type ValidatedPaxosLogOptions } from "./options.ts";
import type { PaxosLogNode, PaxosLogStatus } from "./paxos-log-node.ts";

const DEFAULT_TIMEOUT_MS = 5_000;

type End = (outcome: Outcome<readonly string[]>) => void;

/** The driver of replicated logs, with what only this one can: other voters. */
export class PaxosLog<S extends StateMachine>
  extends DrivenLog<S, RecoveredNode, Message, Write<LogRecord>, Persisted, LogCore, PaxosLogStatus>
  implements PaxosLogNode<S>
{
  readonly #clock: Clock;
  /** Changes that this node was asked for, by number. */
  readonly #changes = new Map<number, End>();
  #lastId = 0;

  constructor(
    options: ValidatedPaxosLogOptions,
    dependencies: DriverDependencies<S, RecoveredNode, Write<LogRecord>, Persisted>,
    algorithm: Algorithm<RecoveredNode, LogCore, Message, PaxosLogStatus>,
  ) {
    super(options, dependencies, algorithm);
    this.#clock = dependencies.clock;
  }

  async reconfigure(
    change: Change,
    { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions = {},
  ): Promise<Outcome<readonly string[]>> {
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    requireVoters(namesAfter(change, this.status().voters), MAX_VOTERS);
    const begun = this.input((core) => ({
      result: core.reconfigure(id, change),
      leader: core.server.leader,
    }));
    if (!begun) return { kind: "rejected", reason: "stopped" };
    const { result, leader } = begun;
    if (result === "overloaded") return { kind: "rejected", reason: "overloaded" };
    if (result === undefined) {
      return {
        kind: "rejected",
        reason: "not-leader",
        ...(leader === undefined ? {} : { leader }),
      };
    }
    return this.#ended(id, timeoutMs, signal);
  }

  protected override carriedOut(core: LogCore): void {
    for (const { id, index } of core.takeChangesEnded()) {
      if (index === undefined) this.#give(id, unknown("leadership-lost"));
      else {
        const { nodes } = core.server.acceptor.configurations.latest;
        this.#give(id, { kind: "committed", index, result: nodes });
      }
    }
  }

  protected override ended(): void {
    for (const id of [...this.#changes.keys()]) this.#give(id, unknown("stopped"));
  }

  #ended(
    id: number,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Outcome<readonly string[]>> {
    return new Promise((resolve) => {
      const abort = (): void => this.#give(id, unknown("aborted"));
      const timer: Timer = this.#clock.setTimer(timeoutMs, () => {
        this.#give(id, unknown("timeout"));
      });
      this.#changes.set(id, (outcome) => {
        timer.cancel();
        signal?.removeEventListener("abort", abort);
        resolve(outcome);
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  #give(id: number, outcome: Outcome<readonly string[]>): void {
    this.#changes.get(id)?.(outcome);
    this.#changes.delete(id);
  }
}

function unknown(reason: UnknownReason): Outcome<readonly string[]> {
  return { kind: "unknown", reason };
}
