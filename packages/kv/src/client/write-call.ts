import type { CommandResult } from "../operation-result.ts";
import { type Attempts, type Deadline, GaveUp } from "./attempts.ts";
import type { Caller } from "./call.ts";
import type { CallLimits } from "./call-limits.ts";
import type { ClientSession, ClientSessions } from "./client-sessions.ts";
import { expected } from "./expected.ts";
import type { WriteOutcome } from "./write-outcome.ts";
import { notTaken, WriteTask, type Written } from "./write-task.ts";

/** What a command of a kind answers. */
export type ResultOf<K> = Extract<CommandResult, { readonly kind: K }>;

/** What a write needs of its client. */
export interface WriteDependencies {
  readonly attempts: Attempts;
  readonly sessions: ClientSessions;
  readonly limits: CallLimits;
}

/** A write that is under way, in one session after the other, and whoever waits for it. */
export class WriteCall<K extends CommandResult["kind"]> implements Caller<Written> {
  readonly #client: WriteDependencies;
  readonly #kind: K;
  readonly #command: Uint8Array;
  readonly #deadline: Deadline;
  readonly #resolve: (outcome: WriteOutcome<ResultOf<K>>) => void;
  readonly #reject: (error: unknown) => void;
  #session: ClientSession | undefined;
  #task: WriteTask | undefined;

  constructor(
    client: WriteDependencies,
    { kind, command }: { readonly kind: K; readonly command: Uint8Array },
    deadline: Deadline,
    resolve: (outcome: WriteOutcome<ResultOf<K>>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#client = client;
    this.#kind = kind;
    this.#command = command;
    this.#deadline = deadline;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    const { sessions } = this.#client;
    if (sessions.current) return this.#beginIn(sessions.current);
    sessions.open(this.#deadline).then(
      (session) =>
        session instanceof GaveUp ? this.#settle(notTaken(session)) : this.#beginIn(session),
      (error: unknown) => this.failed(error),
    );
  }

  ended(outcome: Written | GaveUp): void {
    const task = this.#task!;
    task.end();
    if (outcome instanceof GaveUp) return this.#settle(task.givenUp(outcome));
    if (outcome.kind === "committed") {
      const { kind, index, result } = outcome;
      return this.#settle({ kind, index, result: expected(result, this.#kind) });
    }
    const anew = outcome.kind === "begin-anew";
    if (anew || outcome.reason === "session-expired") {
      this.#client.sessions.expire(this.#session!);
    }
    if (anew) this.begin();
    else this.#settle(outcome);
  }

  failed(error: unknown): void {
    this.#client.limits.leave();
    this.#reject(error);
  }

  #beginIn(session: ClientSession): void {
    this.#session = session;
    this.#task = new WriteTask(this.#command, session);
    this.#client.attempts.begin(this.#task, this.#deadline, this);
  }

  #settle(outcome: WriteOutcome<ResultOf<K>>): void {
    this.#client.limits.leave();
    this.#resolve(outcome);
  }
}
