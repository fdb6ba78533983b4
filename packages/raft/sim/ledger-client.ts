import { ReplicationError } from "@quorate/replication";
import { integerBetween, type Random } from "@quorate/runtime";
import type { SwarmContext } from "@quorate/simulation";
import type { LedgerOracle } from "./ledger-oracle.ts";
import type { LedgerNode } from "./ledger-run.ts";

/** Longer than any node lets a proposal or a read wait: a node that crashed answers never. */
const GIVE_UP_MS = 6_000;

/** What all clients have seen together: a later read must not see less. */
export interface SeenByClients {
  lines: number;
  /** The first line that was asked for after the healing, once it is acknowledged; from 1. */
  newLine: number | undefined;
}

/** A client that adds lines, each once, and now and then reads how many there are. */
export class LedgerClient {
  readonly #name: string;
  readonly #context: SwarmContext<LedgerNode>;
  readonly #oracle: LedgerOracle;
  readonly #seen: SeenByClients;
  readonly #random: Random;
  readonly #thinkMs: number;
  #sessionId: number | undefined;
  #sequence = 0;
  #commands = 0;

  constructor(
    name: string,
    context: SwarmContext<LedgerNode>,
    oracle: LedgerOracle,
    seen: SeenByClients,
    thinkMs: number,
  ) {
    this.#name = name;
    this.#context = context;
    this.#oracle = oracle;
    this.#seen = seen;
    this.#random = context.random.fork(name);
    this.#thinkMs = thinkMs;
  }

  async run(): Promise<never> {
    for (;;) {
      if (this.#random.next() < 0.25) await this.#read();
      else await this.#append(`${this.#name}.${++this.#commands}`);
      await this.#context.world.sleep(this.#thinkMs * 2 * this.#random.next());
    }
  }

  async #append(command: string): Promise<void> {
    const bytes = new TextEncoder().encode(command);
    const isNew = this.#context.core !== undefined;
    this.#sequence++;
    for (let tries = 0; ; tries++) {
      if (tries > 0) await this.#context.world.sleep(50 + 200 * this.#random.next());
      const sessionId = this.#sessionId ?? (await this.#openSession());
      if (sessionId === undefined) continue;
      const session = { sessionId, sequence: this.#sequence, answeredBelow: this.#sequence };
      const outcome = await this.#ask(({ log }) => log.propose(bytes, { session }));
      if (outcome?.kind === "committed") {
        const line = this.#committed(command, outcome.result, tries);
        if (isNew) this.#seen.newLine ??= line;
        return;
      }
      if (outcome?.kind === "rejected" && outcome.reason === "session-expired") {
        this.#context.cover("sessions expired");
        // Whether an earlier try was applied, nobody can say any more.
        this.#oracle.mayComeTwice(command);
        this.#sessionId = undefined;
        this.#sequence = 1;
      } else if (outcome?.kind === "unknown" || outcome === undefined) {
        this.#context.cover("unknown outcomes");
      }
    }
  }

  #committed(command: string, result: Uint8Array, tries: number): number {
    const number = Number(new TextDecoder().decode(result));
    this.#oracle.acknowledged(command, number);
    this.#seen.lines = Math.max(this.#seen.lines, number);
    this.#context.operations++;
    if (tries > 0) this.#context.cover("retried commands");
    return number;
  }

  async #openSession(): Promise<number | undefined> {
    const outcome = await this.#ask(({ log }) => log.openSession());
    if (outcome?.kind !== "committed") return undefined;
    this.#sessionId = outcome.result;
    this.#sequence = 1;
    return outcome.result;
  }

  async #read(): Promise<void> {
    const atLeast = this.#seen.lines;
    const found = await this.#ask(async ({ log }) => {
      try {
        return (await log.read(({ lines }) => lines.length)).value;
      } catch (error) {
        if (error instanceof ReplicationError) return undefined;
        throw error;
      }
    });
    if (found === undefined) return;
    if (found < atLeast) {
      throw new Error(`${this.#name} read ${found} lines after somebody had seen ${atLeast}`);
    }
    this.#seen.lines = Math.max(this.#seen.lines, found);
    this.#context.operations++;
    this.#context.cover("linearizable reads");
  }

  /** Asks the node that leads, or any; undefined when no answer came. */
  #ask<R>(question: (node: LedgerNode) => Promise<R>): Promise<R | undefined> {
    const running = this.#context.running();
    // Two may hold themselves for the leader: what the one who is cut off takes must not survive.
    const leading = running.filter(({ instance }) => instance!.log.status().role === "leader");
    const asked = leading.length > 0 && this.#random.next() < 0.8 ? leading : running;
    const node = asked[integerBetween(this.#random, 0, asked.length - 1)];
    if (!node) return Promise.resolve(undefined);
    const { clock } = this.#context.world;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(GIVE_UP_MS, () => resolve(undefined));
      question(node.instance!).then(
        (answer) => {
          timer.cancel();
          resolve(answer);
        },
        (error: unknown) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }
}
