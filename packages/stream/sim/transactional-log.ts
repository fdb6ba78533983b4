import { type Clock, pause, type Random } from "@quorate/runtime";
import type { Sink, SinkContext, SinkWriter } from "../src/connector.ts";
import type { Cover } from "./stream-coverage.ts";

/** A result: which part of the pipeline made it, and what its order is kept for. */
export interface Line {
  readonly branch: string;
  /** Lines of one key come in their order, where the branch keeps one. */
  readonly key: string;
  readonly text: string;
}

export type SinkStep = "write" | "prepare" | "commit" | "recover";

/** The machine as it is in this life, and how the log treats it. */
export interface SinkWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** Of one call, at most. */
  readonly delayMs: number;
  /** Most records that one write may bring. */
  readonly mostRecords: number;
  /** Which life of the process this is: no two transactions of different lives are named alike. */
  readonly life: string;
  /** Whether a call fails now: before it had its effect, or after. */
  readonly fails: (step: SinkStep) => "before" | "after" | undefined;
  readonly cover: Cover;
  readonly fail: (error: Error) => void;
}

/**
 * A sink with transactions that outlives the process: what is prepared stays until it is committed or
 * dropped, what is committed stays for ever.
 */
export class TransactionalLog {
  readonly #prepared = new Map<string, readonly Line[]>();
  readonly #committed = new Map<string, readonly Line[]>();
  /** Commits that failed, or were cut off: what came of them is not known to the process. */
  readonly #unsure = new Set<string>();
  #opened = 0;
  /** Calls of `commit` that are under way. */
  committing = 0;
  onCommit: (transaction: string, lines: number) => void = () => {};

  /** In the order of the commits. */
  get lines(): readonly Line[] {
    return [...this.#committed.values()].flat();
  }

  in(world: SinkWorld): Sink<Line> {
    return {
      recover: (_, transactions) => this.#recover(transactions as readonly string[], world),
      open: (context) => this.#open(context, world),
    };
  }

  async #recover(transactions: readonly string[], world: SinkWorld): Promise<void> {
    for (const transaction of transactions) {
      await call(world, "recover", () => {
        if (this.#prepared.has(transaction)) world.cover("transactions committed by a recovery");
        if (this.#unsure.has(transaction)) world.cover("commits retried");
        this.#commit(transaction, world);
      });
    }
    world.cover("transactions dropped by a recovery", this.#prepared.size);
    this.#prepared.clear();
  }

  #open({ subtask }: SinkContext, world: SinkWorld): SinkWriter<Line> {
    const writer = `${world.life}/${this.#opened++}/${subtask}`;
    let open: Line[] = [];
    return {
      write: (records) => {
        if (records.length > world.mostRecords) {
          world.fail(new Error(`${records.length} records in one write`));
        }
        return call(world, "write", () => void open.push(...records));
      },
      prepare: async (checkpointId) => {
        const transaction = `${writer}/${checkpointId}`;
        const lines = open;
        await call(world, "prepare", () => {
          if (lines.length > 0) this.#prepared.set(transaction, lines);
        });
        open = [];
        return lines.length > 0 ? transaction : undefined;
      },
      commit: async (transaction) => {
        const name = transaction as string;
        this.#unsure.add(name);
        this.committing++;
        try {
          await call(world, "commit", () => this.#commit(name, world));
          this.#unsure.delete(name);
        } finally {
          this.committing--;
        }
      },
    };
  }

  #commit(transaction: string, { fail }: SinkWorld): void {
    if (this.#committed.has(transaction)) return;
    const lines = this.#prepared.get(transaction);
    if (!lines) return fail(new Error(`${transaction} is committed, and not prepared`));
    this.#prepared.delete(transaction);
    this.#committed.set(transaction, lines);
    this.onCommit(transaction, lines.length);
  }
}

/** One call over a network: it may fail before or after its effect, or be cut off by a crash. */
async function call(world: SinkWorld, step: SinkStep, effect: () => void): Promise<void> {
  const { clock, random, delayMs } = world;
  const failure = world.fails(step);
  await pause(clock, delayMs * random.next(), []);
  if (failure === "before") throw new Error(`${step} failed`);
  effect();
  await pause(clock, delayMs * random.next(), []);
  if (failure === "after") throw new Error(`${step} failed, and was done`);
}
