import { type ReadConsistency, type ReplicatedLog, ReplicationError } from "@quorate/replication";
import type { AnswerBatch } from "./answer-batch.ts";
import type { KvStateMachine } from "./kv-state-machine.ts";
import { DEFERRED } from "./protocol/protocol.ts";

/** A read, and where its answer belongs. */
interface PendingRead {
  readonly command: Uint8Array;
  readonly answers: AnswerBatch;
  readonly at: number;
}

/**
 * Reads that come in one turn of the event loop: the log is asked for all of them at once, since to ask costs
 * more than to read.
 */
export class ReadTogether {
  readonly #log: ReplicatedLog<KvStateMachine>;
  readonly #consistency: ReadConsistency;
  /** Those of as many messages as are under way, which the transport bounds. */
  #reads: PendingRead[] = [];
  #timeoutMs = 0;

  constructor(log: ReplicatedLog<KvStateMachine>, consistency: ReadConsistency) {
    this.#log = log;
    this.#consistency = consistency;
  }

  /** Its client gives it up by itself where others may take longer. */
  add(read: PendingRead, timeoutMs: number): void {
    if (this.#reads.push(read) === 1) {
      this.#timeoutMs = 0;
      queueMicrotask(() => this.#ask());
    }
    this.#timeoutMs = Math.max(this.#timeoutMs, timeoutMs);
  }

  #ask(): void {
    const reads = this.#reads;
    this.#reads = [];
    const options = { consistency: this.#consistency, timeoutMs: this.#timeoutMs };
    this.#log
      .read((state) => reads.map((read) => queried(state, read)), options)
      .then(
        ({ index, value }) => {
          for (let each = 0; each < reads.length; each++) {
            const { answers, at } = reads[each]!;
            const result = value[each];
            answers.set(at, result ? { kind: "value", index, result } : DEFERRED);
          }
        },
        (error: unknown) => this.#failed(reads, error),
      );
  }

  #failed(reads: readonly PendingRead[], error: unknown): void {
    const isOfTheCluster = error instanceof ReplicationError && error.code !== "invalid-option";
    const { leader } = this.#log.status();
    for (const { answers, at } of reads) {
      if (isOfTheCluster) answers.set(at, { kind: "unreadable", leader });
      else answers.failed(at, error);
    }
  }
}

/** Undefined where its message has no room for it any more: then to read it would be in vain. */
function queried(state: KvStateMachine, { command, answers }: PendingRead): Uint8Array | undefined {
  if (!answers.hasRoom) return undefined;
  const result = state.query(command);
  answers.take(result.length);
  return result;
}
