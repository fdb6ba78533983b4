import { ReplicationError } from "@quorate/replication";
import { commandErrorCode } from "./kv-error.ts";
import type { Answer } from "./protocol/protocol.ts";

/** The answers to the requests of one message, which leave together once all are there. */
export class AnswerBatch {
  /** Rejects with an error that is none of the cluster's, and none of the request's. */
  readonly whole: Promise<readonly Answer[]>;
  readonly #answers: Answer[];
  readonly #maxBytes: number;
  #resolve!: (answers: readonly Answer[]) => void;
  #reject!: (reason: unknown) => void;
  #missing: number;
  #bytes = 0;

  constructor(count: number, maxBytes: number) {
    this.#answers = Array<Answer>(count);
    this.#missing = count;
    this.#maxBytes = maxBytes;
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether another answer would still be sent: else it is better not made. */
  get hasRoom(): boolean {
    return this.#bytes <= this.#maxBytes;
  }

  /** There will be an answer of so many bytes. */
  take(bytes: number): void {
    this.#bytes += bytes;
  }

  set(at: number, answer: Answer): void {
    this.#answers[at] = answer;
    if (--this.#missing === 0) this.#resolve(this.#answers);
  }

  failed(at: number, error: unknown): void {
    const answer = refusal(error);
    if (answer) this.set(at, answer);
    else this.#reject(error);
  }
}

/** What the client asked for makes no sense; undefined for any other error. */
export function refusal(error: unknown): Answer | undefined {
  const isInvalid = error instanceof ReplicationError && error.code === "invalid-option";
  const code = isInvalid ? "malformed" : commandErrorCode(error);
  return code && { kind: "refused", code };
}
