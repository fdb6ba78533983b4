import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { CheckpointLayer } from "../core/state/layer.ts";
import type { Graph } from "../graph.ts";
import { StreamError } from "../stream-error.ts";
import { Checkpointing, type CheckpointLedger, type CheckpointRequest } from "./checkpointing.ts";
import type { SubtaskMetrics } from "./metrics.ts";
import type { CheckedRunOptions } from "./run-options.ts";
import type { SubtaskEvents, SubtaskHandle } from "./subtask-handle.ts";

/** `finished`: all sources have ended. `stopped`: by `stop`. */
export type AttemptEnd = "finished" | "stopped";

/** Makes the subtasks of an attempt. */
export type SubtaskFactory = (
  restored: readonly CheckpointLayer[],
  events: (subtask: number) => SubtaskEvents,
) => readonly SubtaskHandle[];

/** From a start or restart to the end or a failure. */
export class Attempt {
  readonly ended: Promise<AttemptEnd>;
  readonly #graph: Graph;
  readonly #from: Checkpoint | undefined;
  readonly #subtasks: readonly SubtaskHandle[];
  readonly #checkpointing: Checkpointing;
  readonly #endedSubtasks = new Set<number>();
  #end: (end: AttemptEnd) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #isStarted = false;

  /** `savepoint`: the state to begin with where there is no checkpoint. */
  constructor(
    graph: Graph,
    options: CheckedRunOptions,
    ledger: CheckpointLedger,
    from: Checkpoint | undefined,
    savepoint: readonly CheckpointLayer[],
    make: SubtaskFactory,
  ) {
    this.#graph = graph;
    this.#from = from;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // Whoever runs the attempt awaits `ended` after it has started; it may fail before.
    this.ended.catch(() => {});
    this.#subtasks = make(from?.layers ?? savepoint, (at) => ({
      onPart: (part) => this.#checkpointing.onPart(at, part),
      onEnded: () => this.#onEnded(at),
      onFailed: (error) => this.#fail(error),
    }));
    this.#checkpointing = new Checkpointing(
      options,
      ledger,
      this.#subtasks,
      from?.id,
      from ? [] : savepoint,
      (error) => this.#fail(error),
    );
  }

  /** How many checkpoints it has completed. */
  get completed(): number {
    return this.#checkpointing.completed;
  }

  /** Sinks commit what the checkpoint promised and drop the rest; then all subtasks begin. */
  async start(): Promise<void> {
    for (const node of this.#graph) {
      if (node.role !== "sink") continue;
      const { id } = node;
      const transactions = this.#from?.transactions.get(id) ?? [];
      try {
        await node.sink.recover({ id }, transactions);
      } catch (cause) {
        const which = transactions.map((one) => JSON.stringify(one)).join(", ") || "none";
        const message = `sink ${id} failed to recover; to be committed: ${which}: ${(cause as Error)?.message ?? cause}`;
        throw new StreamError("commit-failed", message, { cause });
      }
    }
    await Promise.all(this.#subtasks.map((subtask) => subtask.start()));
    this.#isStarted = true;
    this.#checkpointing.start();
    this.#finishIfEnded();
  }

  request(request: CheckpointRequest): void {
    this.#checkpointing.request(request);
  }

  /** Takes a last checkpoint, after which nothing is read; `onKept` is waited for. */
  stop(onKept: () => Promise<void>): void {
    this.request({ isFinal: true, onKept: () => onKept().then(() => this.#end("stopped")) });
  }

  metrics(): Promise<SubtaskMetrics[]> {
    return Promise.all(this.#subtasks.map((subtask) => subtask.metrics()));
  }

  async close(): Promise<void> {
    const closing = this.#subtasks.map((subtask) => subtask.close());
    await Promise.all([this.#checkpointing.close(), ...closing]);
  }

  #onEnded(subtask: number): void {
    this.#endedSubtasks.add(subtask);
    this.#finishIfEnded();
  }

  #finishIfEnded(): void {
    if (!this.#isStarted || this.#endedSubtasks.size < this.#subtasks.length) return;
    this.request({ isFinal: true, onKept: () => this.#end("finished") });
  }
}
