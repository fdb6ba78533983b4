import { type ReplicatedLog, ReplicationError } from "@quorate/replication";
import type { KvStateMachine } from "./kv-state-machine.ts";
import { encodeAnswer } from "./protocol/answer-codec.ts";

interface PendingRead {
  readonly command: Uint8Array;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Linearizable reads that come in one turn of the event loop: the log is asked for all of them at once, since
 * to ask costs more than to read.
 */
export class ReadTogether {
  readonly #log: ReplicatedLog<KvStateMachine>;
  /** As many as requests are under way, which the transport bounds. */
  #reads: PendingRead[] = [];
  #timeoutMs = 0;

  constructor(log: ReplicatedLog<KvStateMachine>) {
    this.#log = log;
  }

  /** Resolves to the encoded answer. Its client gives it up by itself where others may take longer. */
  read(command: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#reads.push({ command, resolve, reject }) === 1) {
        this.#timeoutMs = 0;
        queueMicrotask(() => this.#ask());
      }
      this.#timeoutMs = Math.max(this.#timeoutMs, timeoutMs);
    });
  }

  #ask(): void {
    const reads = this.#reads;
    this.#reads = [];
    const answer = (state: KvStateMachine): Uint8Array[] =>
      reads.map(({ command }) => state.query(command));
    this.#log.read(answer, { timeoutMs: this.#timeoutMs }).then(
      ({ index, value }) => {
        for (const [at, { resolve, reject }] of reads.entries()) {
          try {
            resolve(encodeAnswer({ kind: "value", index, result: value[at]! }));
          } catch (error) {
            reject(error);
          }
        }
      },
      (error: unknown) => this.#failed(reads, error),
    );
  }

  #failed(reads: readonly PendingRead[], error: unknown): void {
    const isOfTheCluster = error instanceof ReplicationError && error.code !== "invalid-option";
    const { leader } = this.#log.status();
    for (const { resolve, reject } of reads) {
      if (isOfTheCluster) resolve(encodeAnswer({ kind: "unreadable", leader }));
      else reject(error);
    }
  }
}
